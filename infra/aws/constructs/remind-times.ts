// When the clock is run (催办), in the town's own time: half an hour before the offices open, and hourly while people are
// about. In a file of its own, so that a backtest of rules runs the clock at the same times without the whole stack
// being loaded.
import type { RunMode } from '../../../shared/clock/remind/rules.ts';

export const TOWN_TIME = 'Asia/Shanghai';

export const REMIND_TIMES: Record<'Morning' | 'Hourly', { expression: string; run: RunMode; says: string }> = {
  Morning: { expression: 'cron(30 8 * * ? *)', run: 'morning', says: 'Reminders of a working day' },
  Hourly: { expression: 'cron(0 9-20 * * ? *)', run: 'urgent', says: 'What is due today, and what has passed' },
};
