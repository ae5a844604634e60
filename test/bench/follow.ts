// The log and the views: what sequencing, sealing and projecting cost a second and in write units, by how many events a wake-up brings. The
// handlers are those of the deployed functions; the work is a year of a town (town.ts), its streams mixed by time.
import { startEngineWithTables } from '../support/platform.ts';
import { countCapacity, type Consumed } from './capacity.ts';
import type { Bench } from './options.ts';
import { fixed, type Row, type Section } from './table.ts';
import { eventsIn, fill, makeFollowers, TENANT, townCommits, wakeUps } from './town.ts';

/** Events per wake-up, and a town of how many units to measure it with: each has the same work, 22 events a unit. */
const WAKES = [
  { size: 1, units: 12 },
  { size: 10, units: 45 },
  { size: 100, units: 130 },
  { size: 1000, units: 270 },
];

export async function followSections(bench: Bench): Promise<Section[]> {
  const engine = await startEngineWithTables();
  try {
    const { dynamo, tables } = engine;
    const views = { dynamo, ...tables, tenant: TENANT, now: () => new Date() };
    const followers = makeFollowers(views);
    await followers.project(); // what a process does once
    const counter = countCapacity(dynamo, tables);
    const [speeds, costs]: [Row[], Row[]] = [[], []];
    for (const { size, units } of WAKES) {
      const commits = await townCommits(`follow${size}`, bench.quick ? Math.ceil(units / 10) : units);
      const count = eventsIn(commits);
      bench.say(`follow: ${count} events, ${size} a wake-up`);
      await fill(dynamo, tables.events, commits);
      const wakes = wakeUps(commits, size);
      let [sequencing, sealing, projecting] = [0, 0, 0];
      const total = { sequence: empty(), seal: empty(), project: empty() };
      for (const wake of wakes) {
        counter.take();
        const begun = performance.now();
        await followers.sequence(wake);
        const between = performance.now();
        addTo(total.sequence, counter.take());
        await followers.seal();
        const after = performance.now();
        addTo(total.seal, counter.take());
        await followers.project();
        projecting += performance.now() - after;
        sealing += after - between;
        sequencing += between - begun;
        addTo(total.project, counter.take());
      }
      const speed = (ms: number): string => `${Math.round((count / ms) * 1000)} events/s`;
      const wake = (ms: number): string => `${fixed(ms / wakes.length, 1)} ms a wake-up`;
      speeds.push(
        { what: `sequencing, ${size} a wake-up`, figure: `${speed(sequencing)}, ${wake(sequencing)}` },
        { what: `sealing, ${size} a wake-up`, figure: `${speed(sealing)}, ${wake(sealing)}` },
        { what: `projecting, ${size} a wake-up`, figure: `${speed(projecting)}, ${wake(projecting)}` },
      );
      total.seal.writes = {
        tiles: total.seal.writes['index'] ?? 0,
        checkpoints: total.seal.writes['checkpoints'] ?? 0,
      };
      costs.push(costRow(`sequencing, ${size} a wake-up`, total.sequence, count, ['index', 'pages', 'head']));
      costs.push(costRow(`sealing after each, ${size} a wake-up`, total.seal, count, ['checkpoints', 'tiles']));
      costs.push(
        costRow(`projecting, ${size} a wake-up`, total.project, count, [
          'documents',
          'lists',
          'timeline',
          'checkpoints',
        ]),
      );
    }
    return [
      {
        title: 'Sequencing, sealing and projecting, events a second',
        note: 'One sequencer, one sealer and one projector in turn, in one process, on the local engine.',
        rows: speeds,
      },
      {
        title: 'Write units per event',
        note:
          'As the engine reports them. Index: one item a commit (stream and version → position). Head and page: one transaction a ' +
          'wake-up; the frontier of the tree is in the head and adds nothing. Sealing is measured at its worst, once for each wake-up; a deployed ' +
          'sealer signs every few seconds at most, whatever came meanwhile together. Documents: unit, baseline, units, track, hazards; lists: their indexes; timeline: one entry an event.',
        rows: costs,
      },
    ];
  } finally {
    await engine.stop();
  }
}

const empty = (): Consumed => ({ writes: {}, reads: 0, items: 0, calls: 0 });

function addTo(total: Consumed, more: Consumed): void {
  for (const [purpose, units] of Object.entries(more.writes)) {
    total.writes[purpose] = (total.writes[purpose] ?? 0) + units;
  }
  total.reads += more.reads;
  total.items += more.items;
  total.calls += more.calls;
}

function costRow(what: string, { writes, reads }: Consumed, events: number, purposes: readonly string[]): Row {
  const all = Object.values(writes).reduce((sum, units) => sum + units, 0);
  const parts = purposes.map((purpose) => `${purpose} ${fixed((writes[purpose] ?? 0) / events)}`).join(', ');
  return { what, figure: `**${fixed(all / events)}** (${parts}); reads ${fixed(reads / events)}` };
}
