// 检查: what its scripts ask: who is signed in now, what is to be kept on the device, where to put a photo; and photos to look at.
import type { Track } from '../../../events/envelope.ts';
import type { EvidenceType } from '../../runtime/evidence-file.ts';
import { one } from '../form.ts';
import { address, to, type ConsoleCall, type Visit } from '../page.ts';
import { reachOf } from '../scope.ts';
import { checklistsOf, tracksOf } from './inspect.ts';

/** Units that one device keeps at most; who answers for more finds the rest online. */
const MOST_UNITS = 2000;
const PAGE = 100;

/** Who is signed in, with the token that forms carry now, and what time it is: a device's clock may be wrong. */
const session: ConsoleCall = {
  path: '/inspect/session',
  action: 'inspection.record',
  get: async ({ principal, csrf, now }) => ({ data: { person: principal.person, csrf, now: now.toISOString() } }),
};

/** What an inspector needs without network: the pages of their tracks, and the units to choose from. */
const kept: ConsoleCall = {
  path: '/inspect/kept',
  action: 'inspection.record',
  get: async (visit) => {
    const tracks = tracksOf(visit);
    const pages = tracks.flatMap((track) => [
      to(`/inspect/${track}`),
      ...checklistsOf(visit, track)
        .slice(1)
        .map(({ template }) => address(`/inspect/${track}`, { template })),
    ]);
    const { person } = visit.principal;
    return { data: { person, pages: [to('/inspect'), ...pages], ...(await unitsOf(visit, tracks)) } };
  },
};

async function unitsOf(visit: Visit, tracks: readonly Track[]): Promise<{ units: unknown[]; more: boolean }> {
  const { town, area } = reachOf(visit, 'inspection.record');
  const lists = town || area !== undefined ? [{ area }] : tracks.map((track) => ({ track }));
  const units = new Map<string, unknown>();
  for (const list of lists) {
    let cursor: string | undefined;
    do {
      const page = await visit.ask('listUnits', {}, { ...list, limit: String(PAGE), cursor });
      for (const { unit, name, tracks: of, closedAt } of page.items) {
        if (closedAt === null) units.set(unit, { unit, name, tracks: of });
      }
      ({ cursor } = page);
      if (cursor !== undefined && units.size >= MOST_UNITS) return { units: [...units.values()], more: true };
    } while (cursor !== undefined);
  }
  return { units: [...units.values()], more: false };
}

/** Where to put one photo. */
const announce: ConsoleCall = {
  path: '/inspect/photos',
  action: 'evidence.add',
  get: async () => ({ data: {} }),
  post: async (visit) => {
    const { form } = visit;
    const takenAt = one(form, 'takenAt');
    const body = {
      sha256: one(form, 'sha256') ?? '',
      mediaType: one(form, 'mediaType') as EvidenceType,
      size: Number(one(form, 'size')),
      ...(takenAt ? { takenAt } : {}),
    };
    return { data: await visit.act('announceEvidence', {}, body, one(form, 'key') ?? '') };
  },
};

/** A file by the event that names it, for whoever may read the event. */
const photo: ConsoleCall = {
  path: '/evidence/{sha256}',
  action: 'read.evidence',
  get: async (visit) => ({
    passed: await visit.fetch('getEvidence', { sha256: visit.params['sha256'] }, { event: visit.query['event'] }),
  }),
};

export const inspectCalls: readonly ConsoleCall[] = [session, kept, announce, photo];
