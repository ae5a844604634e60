// What a backtest found, for a person at a terminal: the whole town first, then each track where something would have been otherwise.
import type { RuleSet } from '../../events/campaign.ts';
import { ESCALATION_GROUNDS, type EscalationGround } from '../../events/escalation.ts';
import { TRACKS } from '../../events/envelope.ts';
import { LIANTANG } from '../../shared/rules/campaign/liantang.ts';
import type { Backtested } from '../../shared/clock/backtest/backtest.ts';
import type { BacktestFigures } from '../../shared/clock/backtest/figures.ts';
import { textTable } from './text-table.ts';

type Line = [what: string, recorded: number, replayed: number, backtested: number];

export function backtestText(tested: Backtested, { version }: RuleSet): string {
  const { from, until, since, events, ruleSets, replayed, backtested } = tested;
  const { total } = linesByTrack(tested);
  const names = new Map<string, string>(LIANTANG.tracks.map(({ track, name }) => [track, name]));
  const tracks = TRACKS.flatMap((track) => {
    const lines = linesByTrack(tested)[track].filter(([, , was, would]) => was !== would);
    return lines.length === 0 ? [] : ['', `${track} ${names.get(track) ?? ''}`, ...tableOf(lines, version)];
  });
  return `${[
    `${from} to ${until}, ${events} events, rule set${ruleSets.length === 1 ? '' : 's'} ${ruleSets.join(', ') || 'none'}; rule set ${version} of the file from ${since} on`,
    '',
    ...tableOf(total, version),
    ...tracks,
    '',
    `${backtested.moved} orders took a proposed date, and would have been proposed another; ${backtested.shortened} gave a period longer than it allows`,
    ...(backtested.provisional > 0
      ? [
          `${backtested.provisional} of its reminders stood on a day counted by the week, in a year that its calendar lacks`,
        ]
      : []),
    ...(same(total)
      ? []
      : ['recorded and replayed differ where the clock ran late or not at all, or dates were set while it ran']),
    ...(replayed.provisional > 0 ? [`so did ${replayed.provisional} by the recorded rules`] : []),
  ].join('\n')}\n`;
}

const same = (lines: readonly Line[]): boolean => lines.every(([, recorded, replayed]) => recorded === replayed);

function linesByTrack({ recorded, replayed, backtested }: Backtested) {
  return Object.fromEntries(
    [...TRACKS, 'total' as const].map((key) => [
      key,
      linesOf([recorded[key], replayed.figures[key], backtested.figures[key]]),
    ]),
  ) as Record<keyof Backtested['recorded'], Line[]>;
}

function linesOf(sides: readonly [BacktestFigures, BacktestFigures, BacktestFigures]): Line[] {
  const line = (what: string, of: (figures: BacktestFigures) => number): Line => [
    what,
    ...(sides.map(of) as [number, number, number]),
  ];
  const rungs = (field: 'reminders' | 'reportReminders'): string[] =>
    [...new Set(sides.flatMap((side) => Object.keys(side[field])))].toSorted((a, b) => Number(a) - Number(b));
  const grounds = (Object.keys(ESCALATION_GROUNDS) as EscalationGround[]).filter((rule) =>
    sides.some((side) => side.escalations[rule] !== undefined),
  );
  return [
    line('due dates 期限', ({ dueDates }) => dueDates),
    ...rungs('reminders').map((rung) => line(`reminder ${rung} 提醒`, ({ reminders }) => reminders[rung] ?? 0)),
    ...rungs('reportReminders').map((rung) =>
      line(`report reminder ${rung} 报表提醒`, ({ reportReminders }) => reportReminders[rung] ?? 0),
    ),
    line('missed 逾期', ({ missed }) => missed),
    line('reports missed 报表逾期', ({ reportsMissed }) => reportsMissed),
    line('cases to the district 上报', ({ cases }) => cases),
    ...grounds.map((rule) =>
      line(`  by ${rule} ${ESCALATION_GROUNDS[rule]}`, ({ escalations }) => escalations[rule] ?? 0),
    ),
  ];
}

function tableOf(lines: readonly Line[], version: number): string[] {
  const heads = ['', 'recorded 记录', 'replayed 重演', `rule set ${version} 回测`, 'difference'];
  return textTable(
    heads,
    lines.map(([what, recorded, replayed, would]) => [
      what,
      String(recorded),
      String(replayed),
      String(would),
      would === replayed ? '' : `${would > replayed ? '+' : ''}${would - replayed}`,
    ]),
    100,
  );
}
