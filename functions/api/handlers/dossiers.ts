// Dossiers to download, by whoever may read the case. Served by functions that can reach where they lie
// (functions/district, functions/console).
import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { DaochaEvent } from '../../../events/catalogue.ts';
import type { EscalationEvent } from '../../../events/escalation.ts';
import { foldAll } from '../../../shared/rules/decider.ts';
import { DOSSIER_EVENTS, parseDossierEvents } from '../../../shared/record/audit/layout.ts';
import {
  escalation,
  requireEscalation,
  type Dossier,
  type KnownEscalation,
} from '../../../shared/rules/escalation/escalation.ts';
import { proofBundle } from '../../../shared/reading/case-file/proofs.ts';
import { NotFound } from '../../../events/errors.ts';
import type { DossierStore } from '../../runtime/dossier-store.ts';
import type { HttpAnswer, ApiDeps, ApiCall, TypedHandlers } from '../handler-types.ts';
import { Unavailable } from '../problems.ts';
import { readAboutUnit, historyOf } from './streams.ts';

export const dossierHandlers = {
  getDossier: async (deps, call) => {
    const { id, round } = call.params;
    const { known } = await authorised(deps, call, id);
    const [document] = dossierOf(known, id, round).files;
    const bytes = await storeOf(deps).get(document!.sha256);
    return attachment(`${id}-${round}.docx`, document!.mediaType, bytes);
  },

  getDossierProofs: async (deps, call) => {
    const { id, round } = call.params;
    const { known, history } = await authorised(deps, call, id);
    const { files } = dossierOf(known, id, round);
    const list = files.find(({ name }) => name === DOSSIER_EVENTS);
    if (!list) {
      throw new NotFound('no-proofs', `the dossier ${round} of escalation ${id} names no events`, {
        field: 'round',
        expected: 'a dossier that was compiled since proofs come with it; an auditor can take those of the unit home',
      });
    }
    const store = storeOf(deps);
    const stored = await Promise.all(files.map(async ({ sha256 }) => ({ sha256, bytes: await store.get(sha256) })));
    const text = Buffer.from(stored[files.indexOf(list)]!.bytes).toString('utf8');
    const compiled = history.find(({ event }) => isCompiled(event, round))!.position;
    const behind = parseDossierEvents(text);
    const asked = compiled === undefined ? undefined : { escalation: id, round, compiled, behind, files: stored };
    const bundle = asked && (await whenSigned(deps, () => proofBundle(deps.views, asked)));
    if (!bundle) {
      throw new NotFound('not-signed-yet', `the dossier ${round} of escalation ${id} is not in the signed log yet`, {
        field: 'round',
        expected: 'the same a few seconds later',
      });
    }
    return {
      ...attachment(`${id}-${round}-proofs.zip`, 'application/zip', bundle),
      packable: "the events one by one: an auditor's bundle of the unit",
    };
  },
} satisfies TypedHandlers;

/** A dossier of the case. @throws NotFound `unknown-dossier` */
function dossierOf({ dossiers }: KnownEscalation, id: string, round: number): Dossier {
  const found = dossiers.find((one) => one.round === round);
  if (found) return found;
  const rounds = dossiers.map((one) => one.round).join(', ');
  throw new NotFound('unknown-dossier', `escalation ${id} has no dossier ${round}`, {
    field: 'round',
    expected: rounds ? `one of ${rounds}` : 'wait a moment: none has been compiled yet',
  });
}

function storeOf({ dossiers }: ApiDeps): DossierStore {
  if (!dossiers) throw new Unavailable('no-dossiers', 'dossiers are handed out by another function');
  return dossiers;
}

const isCompiled = (event: DaochaEvent, round: number): boolean =>
  event.type === 'DossierCompiled' && event.data.round === round;

/** Bytes to keep under a name, with their hash. */
const attachment = (filename: string, mediaType: string, bytes: Uint8Array): HttpAnswer<Uint8Array> => ({
  status: 200,
  body: bytes,
  headers: {
    'content-type': mediaType,
    'content-disposition': `attachment; filename="${filename}"`,
    'repr-digest': `sha-256=:${createHash('sha256').update(bytes).digest('base64')}:`,
  },
});

/** A checkpoint is signed some seconds after what it covers: looks a few times before it gives up. */
async function whenSigned<T>({ pause = delay }: ApiDeps, look: () => Promise<T | undefined>): Promise<T | undefined> {
  for (let looks = 1; ; looks += 1) {
    const found = await look();
    if (found !== undefined || looks === LOOKS) return found;
    await pause(BETWEEN_LOOKS_MS);
  }
}
const LOOKS = 6;
const BETWEEN_LOOKS_MS = 1000;

/** The case, if the caller may see it. @throws NotFound, Forbidden */
export async function authorised(
  deps: ApiDeps,
  call: ApiCall,
  id: string,
): Promise<{ known: KnownEscalation; history: Awaited<ReturnType<typeof historyOf>> }> {
  const history = await historyOf(deps, call, 'escalation', id);
  const state = foldAll(
    escalation,
    history.map(({ event }) => event as EscalationEvent),
  );
  const known = requireEscalation(state, id);
  const { hazard, track, organisation, to } = known;
  call.authorise({
    ...(await readAboutUnit(deps, call, known.unit)),
    hazard: { id: hazard, track, organisation },
    escalation: { id, to },
  });
  return { known, history };
}
