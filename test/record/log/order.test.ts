import { expect, test } from 'vitest';
import { causeOf, orderCommits } from '../../../shared/record/log/order.ts';
import type { Commit } from '../../../shared/record/store/commit.ts';
import { eventId, History, streamOf } from './commits.ts';

const names = (groups: Commit[][]): string[][] =>
  groups.map((group) => group.map(({ stream, version }) => `${stream.split('#')[2]}@${version}`));
const nothingBefore = () => 0;

test('commits of different streams go by time of recording, then by stream', () => {
  const history = new History();
  for (const [stream, at] of [
    ['c', 2],
    ['b', 1],
    ['a', 2],
  ] as const)
    history.commit({ stream, at });
  expect(names(orderCommits(history.commits, nothingBefore).groups)).toEqual([['b@1'], ['a@1'], ['c@1']]);
});

test('a stream goes by version, even when a clock went backwards', () => {
  const history = new History();
  for (const at of [9, 5, 1]) history.commit({ stream: 'h', at });
  expect(names(orderCommits(history.commits, nothingBefore).groups)).toEqual([['h@1'], ['h@2'], ['h@3']]);
});

test('parts of a transaction follow its list, but a cause among them comes first', () => {
  const history = new History();
  history.commit({ stream: 'u', cause: eventId('h', 1) }, { stream: 'i' }, { stream: 'h' });
  expect(names(orderCommits(history.commits.toReversed(), nothingBefore).groups)).toEqual([['i@1', 'h@1', 'u@1']]);
});

test('a transaction with a part missing is held as a whole, with all that follows it', () => {
  const history = new History();
  const [, second] = history.commit({ stream: 'a' }, { stream: 'b' });
  const [later] = history.commit({ stream: 'b' });
  const [free] = history.commit({ stream: 'c' });
  const { groups, held } = orderCommits([second!, later!, free!], nothingBefore);
  expect(names(groups)).toEqual([['c@1']]);
  expect(held).toEqual([second, later]);
});

test('what is in the log already counts as before', () => {
  const history = new History();
  history.commit({ stream: 'h', events: 3 });
  const [second] = history.commit({ stream: 'h' });
  expect(names(orderCommits([second!], () => 3).groups)).toEqual([['h@4']]);
  expect(orderCommits([second!], () => 2).held).toEqual([second]);
});

test('a cause that is held holds its effects', () => {
  const history = new History();
  history.commit({ stream: 'h' });
  const [afterHole] = history.commit({ stream: 'h' });
  const [effect] = history.commit({ stream: 'e', cause: eventId('h', 2) });
  const [effectOfEffect] = history.commit({ stream: 'f', cause: eventId('e', 1) });
  const { groups, held } = orderCommits([effectOfEffect!, effect!, afterHole!], nothingBefore);
  expect(groups).toEqual([]);
  expect(held).toEqual([afterHole, effect, effectOfEffect]);
});

test('causes in a circle give way to time, and nothing else does', () => {
  const history = new History();
  history.commit({ stream: 'a', cause: eventId('b', 2) });
  history.commit({ stream: 'b' });
  history.commit({ stream: 'b', cause: eventId('a', 1) });
  history.commit({ stream: 'c', cause: eventId('a', 1), at: 0 });
  expect(names(orderCommits(history.commits, nothingBefore).groups)).toEqual([['b@1'], ['a@1'], ['c@1'], ['b@2']]);
});

const commit = (cause?: string) => ({ stream: streamOf('x'), ...(cause === undefined ? {} : { cause }) }) as Commit;

test('a cause is read from an event id of the same tenant; anything else names none', () => {
  expect(causeOf(commit('unit/u1/12'))).toEqual({ stream: 'liantang#unit#u1', version: 12 });
  for (const cause of [undefined, '', 'unit', 'unit/u1', 'unit/u1/zero', 'unit/u1/0'])
    expect(causeOf(commit(cause))).toBeUndefined();
});
