// The verifiable index in a bundle. A whole log: every root that was sealed is made again from the events. A unit's: the proof in it says
// which positions are the unit's, all of them, up to the size of the seal that stands in the log and in the bundle.
import * as z from 'zod';
import { indexSubject, indexedSubjects, parsedEvent, subjectsOf, type Sorted } from '../../../events/subjects.ts';
import { IndexTree } from '../index/index-tree.ts';
import { verifyIndexProof } from '../index/proof.ts';
import { INDEX_PROOF, INFO, leafPath, type BundleInfo } from './layout.ts';
import type { Verification } from './verification.ts';

const sealSchema = z.object({
  type: z.literal('IndexSealed'),
  stream: z.string().regex(/#index#index$/u),
  data: z.object({ size: z.int().min(1), root: z.string(), at: z.string() }),
});

/** What an event says, if it seals the index. */
export const sealIn = (event: Sorted): z.infer<typeof sealSchema>['data'] | undefined =>
  sealSchema.safeParse(event).data?.data;

/** Every seal of a whole log, whose events are those that were signed. */
export function verifySeals(run: Verification, size: number): void {
  const tree = new IndexTree();
  for (const { position, bytes } of run.entries(size)) {
    const event = parsedEvent(bytes);
    tree.add(subjectsOf(event ?? {}));
    const sealed = event && sealIn(event);
    if (!sealed) continue;
    const expected = tree.rootOf(sealed.size);
    const found = (message: string): void =>
      run.problems.add({ kind: 'index', where: `seal of ${sealed.size} events`, position, message });
    if (sealed.size > position) found(`it is over ${sealed.size} events, and stands at ${position}`);
    else if (!expected) found('it is over so much less than stands before it that it cannot be made again');
    else if (hex(expected) !== sealed.root) found(`expected the root ${hex(expected)}, found ${sealed.root}`);
    run.seals = { count: (run.seals?.count ?? 0) + 1, size: sealed.size, at: sealed.at };
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const count = z.int().min(0);
const proofSchema = z.strictObject({
  subject: z.string().max(300),
  size: z.int().min(1),
  blocks: z
    .array(
      z.strictObject({
        positions: z.array(count).optional(),
        other: z.strictObject({ key: z.string().max(24), list: z.string().max(44) }).optional(),
        path: z.string().max(6000).optional(),
      }),
    )
    .max(200),
});

/** Are these all events of the unit? */
export function verifyComplete(run: Verification, info: BundleInfo, positions: readonly number[]): void {
  if (info.scope.kind !== 'unit' || info.index === undefined) return;
  const { position } = info.index;
  const problem = (kind: 'index' | 'missing', where: string, message: string, at?: number): void =>
    run.problems.add({ kind, where, message, ...(at !== undefined && { position: at }) });
  const text = run.files.text(INDEX_PROOF);
  if (text === undefined) return problem('missing', INDEX_PROOF, 'the proof that nothing is left out is not there');
  const seal = run.files.read(leafPath(position));
  if (!seal) {
    if (run.problems.has(leafPath(position))) return;
    return problem('missing', leafPath(position), 'the seal of the index is not there', position);
  }
  const event = parsedEvent(seal);
  const sealed = event && sealIn(event);
  if (!sealed) return problem('index', INFO, 'the event at this position is no seal of the index', position);
  const subject = indexSubject('unit', info.scope.unit);
  let proved: number[];
  try {
    const proof = proofSchema.parse(JSON.parse(text));
    if (proof.subject !== subject) return problem('index', INDEX_PROOF, `it is about ${proof.subject}, not ${subject}`);
    if (proof.size !== sealed.size) {
      return problem(
        'index',
        INDEX_PROOF,
        `it is of ${proof.size} events, and the seal is over ${sealed.size}`,
        position,
      );
    }
    proved = verifyIndexProof(proof, Buffer.from(sealed.root, 'hex'));
  } catch (error) {
    const why =
      error instanceof z.ZodError
        ? `not as it is written: ${error.issues[0]!.path.join('.')}`
        : (error as Error).message;
    return problem('index', INDEX_PROOF, why);
  }
  const own = positions.filter((one) =>
    indexedSubjects(run.files.read(leafPath(one)) ?? new Uint8Array()).includes(subject),
  );
  const [present, listed] = [new Set(own), new Set(proved)];
  for (const one of proved.filter((each) => !present.has(each))) {
    problem('missing', leafPath(one), `the index lists it as an event of ${subject}, and it is not here`, one);
  }
  for (const one of own.filter((each) => each < sealed.size && !listed.has(each))) {
    problem(
      'index',
      leafPath(one),
      `it is an event of ${subject}, and the index does not list it: the seal is false`,
      one,
    );
  }
  const unindexed = own.filter((one) => one >= sealed.size).length;
  run.complete = { subject, size: sealed.size, at: sealed.at, events: proved.length, unindexed };
}
