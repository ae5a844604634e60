// What the proofs of a dossier must hold beside proofs: the signed event that names the dossier's files, those files as
// it names them, and exactly the events that the dossier's own list names. So nothing behind the dossier is left out,
// and nothing else stands for it.
import * as z from 'zod';
import type { BundleFiles } from './files.ts';
import { DOSSIER_EVENTS, EVIDENCE, INFO, leafPath, parseDossierEvents, type BundleScope } from './layout.ts';
import type { AuditProblem } from './problem.ts';

/** Signed is not the same as well made. */
const compiledSchema = z.object({
  type: z.literal('DossierCompiled'),
  stream: z.string(),
  data: z.object({
    round: z.number(),
    files: z.array(z.object({ name: z.string(), sha256: z.string().regex(/^[0-9a-f]{64}$/u) })),
  }),
});

/** @param positions of the events that are in the bundle @returns what is wrong, and the files that the dossier names */
export function checkDossier(
  files: BundleFiles,
  { escalation, round, compiled }: Extract<BundleScope, { kind: 'dossier' }>,
  positions: readonly number[],
): { problems: AuditProblem[]; named: string[] } {
  const problems: AuditProblem[] = [];
  const where = leafPath(compiled);
  const text = files.text(where);
  if (text === undefined) {
    problems.push({
      kind: 'missing',
      where,
      position: compiled,
      message: 'the event that names the dossier is not there',
    });
    return { problems, named: [] };
  }
  const event = parsed(text);
  const named = event?.data.files ?? [];
  if (!event?.stream.endsWith(`#escalation#${escalation}`) || event.data.round !== round) {
    const message = `position ${compiled} is not the dossier ${round} of escalation ${escalation}, as ${INFO} says`;
    problems.push({ kind: 'altered', where: INFO, position: compiled, message });
    return { problems, named: [] };
  }
  for (const { name, sha256 } of named) {
    if (files.size(`${EVIDENCE}${sha256}`) !== undefined) continue;
    problems.push({
      kind: 'missing',
      where: `${EVIDENCE}${sha256}`,
      message: `the dossier's own file ${name} is not there`,
    });
  }
  const list = named.find(({ name }) => name === DOSSIER_EVENTS);
  const listed = list && files.text(`${EVIDENCE}${list.sha256}`);
  if (listed !== undefined) problems.push(...differences(listed, `${EVIDENCE}${list!.sha256}`, compiled, positions));
  else if (!list) problems.push({ kind: 'missing', where, position: compiled, message: 'it names no list of events' });
  return { problems, named: named.map(({ sha256 }) => sha256) };
}

/** The events that should be there, against those that are. */
function differences(list: string, where: string, compiled: number, positions: readonly number[]): AuditProblem[] {
  let wanted: Set<number>;
  try {
    wanted = new Set([...parseDossierEvents(list), compiled]);
  } catch (error) {
    return [{ kind: 'altered', where, message: (error as Error).message }];
  }
  const present = new Set(positions);
  return [
    ...[...wanted]
      .filter((position) => !present.has(position))
      .map((position): AuditProblem => {
        return {
          kind: 'missing',
          where: leafPath(position),
          position,
          message: 'the dossier rests on it, and it is not there',
        };
      }),
    ...positions
      .filter((position) => !wanted.has(position))
      .map((position): AuditProblem => {
        return { kind: 'extra', where: leafPath(position), position, message: 'the dossier does not rest on it' };
      }),
  ];
}

function parsed(text: string): z.output<typeof compiledSchema> | undefined {
  try {
    return compiledSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
