// Importing a register through HTTP, by the command itself, into the whole platform: rows a second, and the importer's peak memory.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Bench } from './options.ts';
import { startServer } from './server-process.ts';
import { fixed, judged, type Row, type Section } from './table.ts';

const EXTRACT = fileURLToPath(
  new URL('../../infra/data/toronto-highrise-fire/inspections_2017_2019.csv', import.meta.url),
);
const MEMORY_MB = 512;

interface Summary {
  rows: number;
  units: number;
  inspections: number;
  eventsAdded: number;
  refused: unknown[];
}

export async function importSections(bench: Bench): Promise<Section[]> {
  const rows: Row[] = [];
  if (bench.quick) {
    rows.push({ what: 'import', figure: 'left out of a quick run' });
  } else if (bench.dinesafe === undefined) {
    rows.push(...(await imported(bench, EXTRACT, 'toronto-highrise-fire')));
    rows.push({ what: 'DineSafe load file (118,294 rows)', figure: 'not measured: name it with `--dinesafe FILE`' });
  } else if (existsSync(bench.dinesafe)) {
    rows.push(...(await imported(bench, bench.dinesafe, 'toronto-dinesafe')));
  } else {
    throw new Error(`--dinesafe: there is no file ${bench.dinesafe}`);
  }
  return [{ title: 'Import', note: 'Through HTTP into the whole platform, whose followers work meanwhile.', rows }];
}

async function imported(bench: Bench, file: string, source: string): Promise<Row[]> {
  bench.say(`import: ${basename(file)}`);
  const server = await startServer(true);
  try {
    const begun = performance.now();
    const child = fork(
      fileURLToPath(new URL('./importer.ts', import.meta.url)),
      [file, '--source', source, '--data', server.data, '--json'],
      { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] },
    );
    let text = '';
    child.stdout!.on('data', (part: Buffer) => (text += part.toString('utf8')));
    const exited = once(child, 'close');
    const [{ code, peakMegabytes }] = (await Promise.race([
      once(child, 'message'),
      exited.then(() => {
        throw new Error('the importer ended without a result');
      }),
    ])) as [{ code: number; peakMegabytes: number }];
    const seconds = (performance.now() - begun) / 1000;
    await exited;
    if (code > 1) throw new Error(`the importer ended with ${code}`);
    const { rows, units, inspections, eventsAdded, refused } = JSON.parse(text) as Summary;
    for (;;) {
      const { followers } = await server.http.get<{ followers: Record<string, { lag: number }> }>('/health');
      if (Object.values(followers).every(({ lag }) => lag === 0)) break;
      await pause(50);
    }
    const behind = (performance.now() - begun) / 1000 - seconds;
    return [
      {
        what: `${source}: ${rows} rows`,
        figure: `${units} units, ${inspections} inspections, ${eventsAdded} events, ${refused.length} refused`,
      },
      { what: 'time', figure: `${fixed(seconds, 1)} s` },
      { what: 'rows', figure: `${Math.round(rows / seconds)}/s` },
      { what: 'events', figure: `${Math.round(eventsAdded / seconds)}/s` },
      { what: 'views and bus are at the end of the log after another', figure: `${fixed(behind, 1)} s` },
      judged(
        "importer's peak memory",
        peakMegabytes,
        { atMost: MEMORY_MB, unit: 'MB' },
        `${Math.round(peakMegabytes)} MB`,
      ),
    ];
  } finally {
    await server.stop();
  }
}
