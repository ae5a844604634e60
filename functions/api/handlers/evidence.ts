// Evidence (证据): where to put a file, and files to look at by whoever may read the event that names them. A hash alone opens nothing: it is
// the event that says which unit a photo is of, so permissions and the access log are those of the record.
import type { Category } from '../../../events/envelope.ts';
import type { EscalationEvent } from '../../../events/escalation.ts';
import type { HazardEvent } from '../../../events/hazard.ts';
import { readStream } from '../../../shared/rules/perform/execute.ts';
import { foldAll } from '../../../shared/rules/decider.ts';
import { escalation } from '../../../shared/rules/escalation/escalation.ts';
import { hazard } from '../../../shared/rules/hazard/hazard.ts';
import { NotFound } from '../../../events/errors.ts';
import { evidenceName, isEvidenceType, looksLike } from '../../runtime/evidence-file.ts';
import type { EvidenceStore } from '../../runtime/evidence-store.ts';
import type { ApiDeps, ApiCall, TypedHandlers } from '../handler-types.ts';
import type { PermissionSubject } from '../permissions.ts';
import { Unavailable } from '../problems.ts';
import { readAboutUnit, ok } from './streams.ts';

export const evidenceHandlers = {
  announceEvidence: async (deps, { body }) => {
    const { sha256, mediaType, size, takenAt } = body;
    const store = storeOf(deps);
    const present = await store.has(sha256);
    const upload = present ? undefined : await store.upload({ sha256, mediaType, size });
    const evidence = { sha256, mediaType, ...(takenAt === undefined ? {} : { takenAt }) };
    return ok({ sha256, present, ...(upload && { upload }), evidence });
  },

  getEvidence: async (deps, call) => {
    const { sha256 } = call.params;
    const { mediaType } = await named(deps, call, sha256, call.query.event);
    const bytes = await storeOf(deps).get(sha256);
    if (!bytes) {
      throw new NotFound('evidence-missing', `the file ${sha256} has not arrived`, {
        field: 'sha256',
        expected: 'a file that was put where POST /v1/evidence said',
      });
    }
    return { status: 200, body: bytes, headers: headersOf(sha256, mediaType, bytes) };
  },
} satisfies TypedHandlers;

function storeOf({ evidence }: ApiDeps): EvidenceStore {
  if (evidence) return evidence;
  throw new Unavailable('no-evidence-store', 'evidence is taken and handed out by another function');
}

/** Whatever the file holds, a browser shows it as what it is or saves it, and runs nothing in it. */
function headersOf(sha256: string, mediaType: string, bytes: Uint8Array): Record<string, string> {
  const known = isEvidenceType(mediaType) && looksLike(mediaType, bytes);
  const shown = known && mediaType.startsWith('image/') ? 'inline' : 'attachment';
  return {
    'content-type': known ? mediaType : 'application/octet-stream',
    'content-disposition': `${shown}; filename="${evidenceName(sha256, known ? mediaType : '')}"`,
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    'cross-origin-resource-policy': 'same-origin',
    'repr-digest': `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`,
  };
}

/** What the event says of the file, if the caller may read what the event is about. @throws NotFound, Forbidden */
async function named(deps: ApiDeps, call: ApiCall, sha256: string, id: string): Promise<{ mediaType: string }> {
  const [category, stream, version] = id.split('/') as [Category, string, string];
  const stored = await readStream(deps.store, deps.tenant, category, stream);
  const event = stored.find((one) => one.event.version === Number(version))?.event;
  const file = event?.evidence?.find((one) => one.sha256 === sha256);
  if (!event?.unit || !file) {
    throw new NotFound('unknown-evidence', `${id} names no evidence ${sha256}`, {
      field: 'event',
      expected: 'the id of an event that names it',
    });
  }
  call.reads(event.unit);
  const about = await readAboutUnit(deps, call, event.unit);
  call.authorise({ ...about, track: event.track, ...(await lifeOf(deps, category, stream)) });
  return file;
}

/** The hazard or case that the event belongs to, as it is now: it may have been assigned to others meanwhile. */
async function lifeOf(
  deps: ApiDeps,
  category: Category,
  id: string,
): Promise<Pick<PermissionSubject, 'hazard' | 'escalation'>> {
  if (category !== 'hazard' && category !== 'escalation') return {};
  const events = (await readStream(deps.store, deps.tenant, category, id)).map(({ event }) => event);
  if (category === 'hazard') {
    const { track, organisation } = foldAll(hazard, events as HazardEvent[]);
    return track ? { hazard: { id, track, organisation: organisation ?? '' } } : {};
  }
  const { hazard: of, track, organisation, to } = foldAll(escalation, events as EscalationEvent[]);
  return {
    ...(of && track ? { hazard: { id: of, track, organisation: organisation ?? '' } } : {}),
    ...(to ? { escalation: { id, to } } : {}),
  };
}
