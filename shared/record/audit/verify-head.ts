// The first steps of a verification: what the bundle says that it holds, by whose keys its checkpoint counts, and whether an earlier
// checkpoint of the log is continued.
import { DaochaError } from '../../../events/errors.ts';
import { equal } from '../tlog/bytes.ts';
import { TlogRejected } from '../tlog/errors.ts';
import { foldRight, frontierNodes } from '../tlog/merkle.ts';
import { verifyCheckpoint, type ProofPolicy } from '../tlog/proof.ts';
import { tileHashReader } from '../tlog/tile-build.ts';
import { parseVkey } from '../tlog/vkey.ts';
import { CHECKPOINT, formatInfo, INFO, MANIFEST, parseInfo, parseManifest, POLICY, VKEY } from './layout.ts';
import type { AuditProblem } from './problem.ts';
import { bundleTimeStamp } from './time-stamp.ts';
import type { Verification } from './verification.ts';

/** What there is, against the manifest; what the bundle says that it holds. */
export function readContents(run: Verification): void {
  const text = run.files.text(MANIFEST);
  if (text === undefined) {
    run.problems.add({
      kind: 'missing',
      where: MANIFEST,
      message: 'no manifest: the bundle was not finished, or is none',
    });
  } else {
    if (!text.endsWith('\n'))
      run.problems.add({ kind: 'truncated', where: MANIFEST, message: 'its last line has no end' });
    try {
      run.sums = parseManifest(text);
    } catch (error) {
      run.problems.add({ kind: 'altered', where: MANIFEST, message: (error as Error).message });
    }
  }
  const info = run.files.text(INFO);
  if (info === undefined) {
    run.problems.add({ kind: 'missing', where: INFO, message: 'nothing says what the bundle holds' });
    return;
  }
  try {
    run.info = parseInfo(info);
    if (formatInfo(run.info) !== info)
      run.problems.add({ kind: 'altered', where: INFO, message: 'not as it is written' });
  } catch (error) {
    run.problems.add({ kind: 'altered', where: INFO, message: (error as Error).message });
  }
}

/** The keys and the checkpoint; what was signed is in `run.opened` when they hold. */
export async function verifyHead(run: Verification): Promise<void> {
  const note = run.files.read(CHECKPOINT);
  const own = run.files.text(VKEY)?.replace(/\n$/u, '');
  const given = run.options.vkey;
  if (note === undefined) run.problems.add({ kind: 'missing', where: CHECKPOINT, message: 'nothing is signed' });
  if (own === undefined) run.problems.add({ kind: 'missing', where: VKEY, message: 'the key of the log is not there' });
  else if (!run.files.text(VKEY)!.endsWith('\n')) {
    run.problems.add({ kind: 'truncated', where: VKEY, message: 'its line has no end' });
  }
  if (own !== undefined && given !== undefined && own !== given) {
    run.problems.add({ kind: 'wrong-key', where: VKEY, message: `${own} is not the key given, ${given}` });
  }
  const log = given ?? own;
  if (note === undefined || log === undefined) return;
  const policy = policyOf(run, log);
  if (!policy) return;
  try {
    run.opened = await verifyCheckpoint(note, policy);
    run.note = Buffer.from(note).toString('utf8');
  } catch (error) {
    run.problems.add(rejected(error, CHECKPOINT));
    return;
  }
  const { size } = run.opened.checkpoint;
  if (run.info && run.info.size !== size) {
    run.problems.add({ kind: 'altered', where: INFO, message: `size ${run.info.size}, where ${size} was signed` });
    run.info = { ...run.info, size };
  }
  await compareSince(run, policy);
  const stamp = { note: run.note, log: parseVkey(log), ca: run.options.tsaCa };
  run.timeStamp = await bundleTimeStamp(run.files, stamp, run.problems);
}

/** The keys that count: those given, and the witnesses that the bundle's policy names. */
function policyOf(run: Verification, log: string): ProofPolicy | undefined {
  const witnesses = new Set(run.options.witnesses);
  const given = witnesses.size;
  const text = run.files.text(POLICY) ?? '';
  const own = run.files.text(VKEY)?.trim();
  if (text === '') run.problems.add({ kind: 'missing', where: POLICY, message: 'nothing says whose log it is' });
  const names = new Set(['none']);
  for (const line of text.split('\n').slice(0, -1)) {
    const [word, name = '', ...rest] = line.split(' ');
    if (word === 'witness' && rest.length === 1) witnesses.add(rest[0]!);
    const fits =
      (word === 'log' && rest.length === 0 && name === own) ||
      (word === 'witness' && rest.length === 1) ||
      (word === 'group' && rest.length > 1) ||
      (word === 'quorum' && rest.length === 0 && names.has(name));
    if (!fits) run.problems.add({ kind: 'altered', where: POLICY, message: `not a line of a policy: ${line}` });
    names.add(name);
  }
  if (text !== '' && (!text.endsWith('\n') || !/^log /mu.test(text) || !/^quorum /mu.test(text))) {
    run.problems.add({
      kind: 'truncated',
      where: POLICY,
      message: 'it does not end with whole lines of log and quorum',
    });
  }
  try {
    parseVkey(log);
  } catch (error) {
    run.problems.add({ kind: 'wrong-key', where: VKEY, message: (error as Error).message });
    return undefined;
  }
  try {
    for (const witness of witnesses) parseVkey(witness);
  } catch (error) {
    run.problems.add({ kind: 'altered', where: POLICY, message: (error as Error).message });
    return { log, witnesses: run.options.witnesses ?? [], threshold: given };
  }
  return given > 0 ? { log, witnesses: run.options.witnesses!, threshold: given } : { log, witnesses: [...witnesses] };
}

/** Is the log the one of an earlier checkpoint, only longer? */
async function compareSince(run: Verification, policy: ProofPolicy): Promise<void> {
  const { since } = run.options;
  if (since === undefined) return;
  let older;
  try {
    older = (await verifyCheckpoint(since, { log: policy.log })).checkpoint;
  } catch (error) {
    run.problems.add(rejected(error, '--since'));
    return;
  }
  const { size, root } = run.opened!.checkpoint;
  if (run.info?.scope.kind === 'dossier' && older.size < size) {
    const message =
      'the proofs of a dossier have no tiles to compare it by: take a bundle home by `daocha audit bundle`';
    run.problems.add({ kind: 'missing', where: '--since', message });
    return;
  }
  if (older.size > size) {
    run.problems.add({
      kind: 'truncated',
      where: CHECKPOINT,
      position: size,
      message: `the log has ${size} events; by the checkpoint of --since it once had ${older.size}`,
    });
    return;
  }
  if (older.size === size && equal(older.root, root)) return;
  const forked = (message: string): void => run.problems.add({ kind: 'forked', where: CHECKPOINT, message });
  if (older.size === size) {
    forked(`two different histories of ${size} events have been signed: this one, and that of --since`);
    return;
  }
  try {
    const hashes = older.size === 0 ? [] : await tileHashReader(size, run.readTiles)(frontierNodes(older.size));
    if (!equal(foldRight(hashes), older.root)) {
      forked(`its first ${older.size} events are not the ones that the checkpoint of --since was signed for`);
    }
  } catch (error) {
    forked(`cannot be compared with the checkpoint of --since: ${(error as Error).message}`);
  }
}

/** What is wrong with a checkpoint, as a problem. */
function rejected(error: unknown, where: string): AuditProblem {
  if (error instanceof TlogRejected) {
    const kind = { 'unknown-key': 'wrong-key', 'wrong-origin': 'wrong-key', 'ambiguous-key': 'wrong-key' } as const;
    if (error.reason === 'too-few-witnesses') return { kind: 'witness', where, message: error.message };
    const known = kind[error.reason as keyof typeof kind];
    return { kind: known ?? 'altered', where, message: error.message };
  }
  if (error instanceof DaochaError) return { kind: 'altered', where, message: error.message };
  throw error;
}
