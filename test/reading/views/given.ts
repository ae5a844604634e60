// Events for tests of folds, built by hand: what the store and the log would add to a decider's drafts.
import type { DaochaEvent, Draft } from '../../../events/catalogue.ts';
import { streamKey, type Category } from '../../../events/envelope.ts';
import type { Placed } from '../../../shared/reading/views/view.ts';

/** A day of May 2025, ten o'clock in the town. */
export const at = (day: number): string => new Date(Date.UTC(2025, 4, day, 2)).toISOString();

/** Events of `<category>/<id>` streams on the days of May 2025, at positions 0, 1, 2 … */
export function given(...drafts: [stream: string, day: number, draft: Draft][]): Placed[] {
  const versions = new Map<string, number>();
  return drafts.map(([name, day, { type, data, ...own }], position) => {
    const [category, id] = name.split('/') as [Category, string];
    const version = (versions.get(name) ?? 0) + 1;
    versions.set(name, version);
    const event = {
      id: `${name}/${version}`,
      type,
      schema: 1,
      tenant: 'liantang',
      stream: streamKey('liantang', category, id),
      version,
      occurredAt: at(day),
      recordedAt: at(day),
      actor: { person: 'p', post: 'inspector', organisation: 'village-01' },
      source: 'api',
      unit: 'u_1',
      ...(category === 'unit' ? {} : { track: 'gas' }),
      ...(category === 'hazard' ? { organisation: 'guijianban' } : {}),
      ...own,
      ruleSet: 1,
      command: 'c',
      data,
    } as DaochaEvent;
    return { position, event };
  });
}
