// Rebuilding the views: the next generation from position 0, compared with the live one, made live.
import { setTimeout as pause } from 'node:timers/promises';
import { VIEWS } from '../../shared/reading/views/catalogue.ts';
import { rebuild, type RebuildStage } from '../../shared/reading/views/rebuild.ts';
import { startEngineWithTables } from '../support/platform.ts';
import type { Bench } from './options.ts';
import { fixed, type Section } from './table.ts';
import { chunks, eventsIn, fill, makeFollowers, TENANT, townCommits } from './town.ts';

export async function rebuildSections(bench: Bench): Promise<Section[]> {
  const commits = await townCommits('rebuild', bench.quick ? 20 : 250);
  const events = eventsIn(commits);
  bench.say(`rebuild: ${events} events`);
  const engine = await startEngineWithTables();
  try {
    const { dynamo, tables } = engine;
    const deps = { dynamo, ...tables, tenant: TENANT, now: () => new Date() };
    const followers = makeFollowers(deps);
    await fill(dynamo, tables.events, commits);
    for (const keys of chunks(commits, 500)) await followers.sequence(keys);
    await followers.project();
    bench.say('rebuild: begins');
    const times = new Map<RebuildStage, { first: number; last: number }>();
    const begun = performance.now();
    const { comparison } = await rebuild(deps, {
      views: VIEWS,
      owner: 'bench',
      sleep: (ms) => pause(ms),
      onProgress: (stage) => {
        const now = performance.now();
        times.set(stage, { first: times.get(stage)?.first ?? now, last: now });
      },
    });
    const whole = (performance.now() - begun) / 1000;
    const compared = times.get('compare');
    const projecting = ((compared?.first ?? performance.now()) - begun) / 1000;
    return [
      {
        title: 'Rebuilding the views',
        rows: [
          { what: 'projecting from position 0', figure: `${Math.round(events / projecting)} events/s` },
          {
            what: 'the whole: project, compare, flip, wait for readers, remove',
            figure: `${fixed(whole, 1)} s for ${events} events, ${comparison?.compared ?? 0} documents compared`,
          },
        ],
      },
    ];
  } finally {
    await engine.stop();
  }
}
