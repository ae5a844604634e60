// A receipt (收据) against what is stored: the platform promised that a commit is at a place of its stream; is it there, is it the same,
// and has it come into the log?
import { notAccepted, parseReceipt, writersOf } from '../store/acceptance.ts';
import { getCommits, loadStream, type StoreDeps } from '../store/store.ts';
import { positionOf } from '../log/positions.ts';
import type { LogDeps } from '../log/deps.ts';
import { base64, equal } from '../tlog/bytes.ts';
import { campaignStream, declaredIn, parsedEvents } from './check-writers.ts';
import type { AuditProblem } from './problem.ts';

export interface Kept {
  stream: string;
  version: number;
  recordedAt: string;
  /** of its first event in the log; undefined until it has one */
  position?: number | undefined;
  problem?: AuditProblem | undefined;
}

/**
 * @param writer a writer's key that the reader has from somewhere else; without it those that the campaign declared, ever
 * @throws MalformedTlog when the text is no receipt
 */
export async function checkReceipt(deps: LogDeps, text: string, writer?: string): Promise<Kept> {
  const { promised, accepted } = parseReceipt(text);
  const { stream, version, next, hash, recordedAt } = promised;
  const where = `${stream}@${version}`;
  const store: StoreDeps = { dynamo: deps.dynamo, table: deps.events };
  const keys = writer === undefined ? await everDeclared(store, deps.tenant) : [writer];
  const about = { stream, version, recordedAt };
  const wrong = (kind: AuditProblem['kind'], message: string): Kept => ({
    ...about,
    problem: { kind, where, message },
  });
  const unsigned = await notAccepted({ ...promised, accepted }, writersOf(keys));
  if (unsigned !== undefined) return wrong('unsigned', `this receipt promises nothing: ${unsigned}`);
  const [commit] = await getCommits(store, [{ stream, version }]);
  if (!commit)
    return wrong(
      'missing',
      `${next - version} event(s) were promised here on ${recordedAt}, and there is no such commit`,
    );
  if (!equal(commit.hash, hash) || commit.next !== next) {
    return wrong('altered', `another commit stands here, ${base64(commit.hash)}; promised was ${base64(hash)}`);
  }
  return { ...about, position: await positionOf(deps, stream, version) };
}

async function everDeclared(store: StoreDeps, tenant: string): Promise<string[]> {
  const commits = await loadStream(store, campaignStream(tenant));
  return [...new Set(commits.flatMap((commit) => declaredIn(tenant, commit.stream, parsedEvents(commit)) ?? []))];
}
