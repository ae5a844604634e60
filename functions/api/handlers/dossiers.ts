// Dossiers to download, by whoever may read the case. Served by functions that can reach where they lie (functions/district, functions/console).
import type { EscalationEvent } from '../../../events/escalation.ts';
import { foldAll } from '../../../shared/domain/decider.ts';
import { escalation, requireEscalation, type KnownEscalation } from '../../../shared/domain/escalation.ts';
import { NotFound } from '../../../shared/errors.ts';
import type { Answer, ApiDeps, Call } from '../call.ts';
import { Unavailable } from '../problems.ts';
import type { Routes } from '../routes.ts';
import { aboutUnit, historyOf } from './streams.ts';

type CallOf<Name extends keyof Routes> = Call<Routes[Name]>;

export const dossierHandlers = {
  getDossier: async (deps: ApiDeps, call: CallOf<'getDossier'>): Promise<Answer> => {
    const { id, round } = call.params;
    const { known } = await authorised(deps, call, id);
    const dossier = known.dossiers.find((one) => one.round === round);
    const file = dossier?.files[0];
    if (!file) {
      const rounds = known.dossiers.map((one) => one.round).join(', ');
      throw new NotFound('unknown-dossier', `escalation ${id} has no dossier ${round}`, {
        field: 'round',
        expected: rounds ? `one of ${rounds}` : 'wait a moment: none has been compiled yet',
      });
    }
    if (!deps.dossiers) throw new Unavailable('no-dossiers', 'dossiers are handed out by another function');
    const bytes = await deps.dossiers.get(file.sha256);
    return {
      status: 200,
      body: bytes,
      headers: {
        'content-type': file.mediaType,
        'content-disposition': `attachment; filename="${id}-${round}.docx"`,
        'repr-digest': `sha-256=:${Buffer.from(file.sha256, 'hex').toString('base64')}:`,
      },
    };
  },
};

/** The case, if the caller may see it. @throws NotFound, Forbidden */
export async function authorised(
  deps: ApiDeps,
  call: Call,
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
    ...(await aboutUnit(deps, call, known.unit)),
    hazard: { id: hazard, track, organisation },
    escalation: { id, to },
  });
  return { known, history };
}
