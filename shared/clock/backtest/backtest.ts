// What another rule set would have done on the recorded history (规则回测), beside what was done. The history is lived
// through twice: by the rule sets of the time, on a clock that never failed, and by the other one. Where the first
// differs from the record, the clock was late or off; what the other rule set would change is the difference between
// the two.
import type { RuleSet } from '../../../events/campaign.ts';
import { ruleSetAt } from '../../rules/campaign/campaign.ts';
import type { RunMode } from '../remind/rules.ts';
import type { Placed } from '../../reading/views/view.ts';
import { countIn, newFigures, type FiguresByTrack } from './figures.ts';
import { newReplay, type Replayed, type RulesAt } from './replay.ts';
import { townDay } from '../../town-time.ts';

export interface Backtested {
  /** first and last day of the history that was looked at, in town time */
  from: string;
  until: string;
  /** from this day on the other rule set takes the place of the recorded ones */
  since: string;
  events: number;
  /** versions of the rule sets that held meanwhile */
  ruleSets: number[];
  recorded: FiguresByTrack;
  replayed: Replayed;
  backtested: Replayed;
}

export interface BacktestOptions {
  ruleSet: RuleSet;
  /** from this day on; from the first day of the history when absent */
  since?: string | undefined;
  /** last day that is looked at; to the end of the history when absent */
  until?: string | undefined;
  /** the next run of the clock after an instant (ms) */
  nextRun: (after: number) => { at: number; mode: RunMode };
  onProgress?: ((events: number) => void) | undefined;
}

/** @param history the log from its first event on, in batches */
export async function backtest(
  history: AsyncIterable<readonly Placed[]>,
  { ruleSet, since, until, nextRun, onProgress }: BacktestOptions,
): Promise<Backtested | undefined> {
  const recorded = newFigures();
  let first: string | undefined;
  let last = '';
  let events = 0;
  const versions = new Set<number>();
  const other: RulesAt = (campaign, instant) =>
    townDay(instant) >= (since ?? first!) ? ruleSet : ruleSetAt(campaign, instant);
  const replayed = newReplay(ruleSetAt, ruleSetAt);
  const backtested = newReplay(other, ruleSetAt);
  let coming: ReturnType<typeof nextRun> | undefined;

  all: for await (const batch of history) {
    for (const placed of batch) {
      const { recordedAt, ruleSet: version } = placed.event;
      const day = townDay(recordedAt);
      if (until !== undefined && day > until) break all;
      first ??= day;
      coming ??= nextRun(Date.parse(recordedAt) - 1);
      for (; coming.at <= Date.parse(recordedAt); coming = nextRun(coming.at)) runBoth(coming);
      events += 1;
      last = last > recordedAt ? last : recordedAt;
      if (version > 0) versions.add(version);
      countIn(recorded, placed.event);
      replayed.take(placed);
      backtested.take(placed);
    }
    onProgress?.(events);
  }
  if (first === undefined) return undefined;
  return {
    from: first,
    until: townDay(last),
    since: since ?? first,
    events,
    ruleSets: [...versions].toSorted((a, b) => a - b),
    recorded,
    replayed: figuresOf(replayed),
    backtested: figuresOf(backtested),
  };

  function runBoth({ at, mode }: { at: number; mode: RunMode }): void {
    const now = new Date(at).toISOString();
    replayed.run(mode, now);
    backtested.run(mode, now);
  }
}

const figuresOf = ({ figures, moved, shortened, provisional }: Replayed): Replayed => ({
  figures,
  moved,
  shortened,
  provisional,
});
