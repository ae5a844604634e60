// The export read by pm4py, which others wrote: it must find as many events, objects and relations as we have. Without pm4py
// the test is skipped, unless DAOCHA_PM4PY=required. DAOCHA_PYTHON names a Python that has it.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ocel2 } from '../../shared/record/audit/ocel2.ts';
import { Town } from '../record/audit/town.ts';

const python = [process.env['DAOCHA_PYTHON'] ?? 'daocha-python', 'python3', 'python'].find(
  (name) => spawnSync(name, ['-c', 'import pm4py']).status === 0,
);
if (!python) {
  const notice = 'pm4py is not installed: our OCEL export is not read by it here.';
  if (process.env['DAOCHA_PM4PY'] === 'required') throw new Error(notice);
  console.log(notice);
}

const READ = `
import json, sys, warnings
warnings.simplefilter('ignore')
import pm4py
log = pm4py.read_ocel2_json(sys.argv[1])
print(json.dumps({
  'events': len(log.events),
  'objects': len(log.objects),
  'relations': len(log.relations),
  'activities': log.events['ocel:activity'].value_counts().to_dict(),
  'types': log.objects['ocel:type'].value_counts().to_dict(),
}))
`;

describe.skipIf(!python)('by pm4py', () => {
  test('as many events, objects and relations of each kind as there are', { timeout: 120_000 }, async () => {
    const town = new Town(600);
    const logged = town.events.map(({ bytes }, position) => ({ position, bytes }));
    let text = '';
    for await (const piece of ocel2(() => logged)) text += piece;
    const dir = mkdtempSync(join(tmpdir(), 'daocha-ocel-'));
    try {
      const file = join(dir, 'log.json');
      writeFileSync(file, text);
      const found = JSON.parse(execFileSync(python!, ['-c', READ, file], { encoding: 'utf8' })) as Record<
        string,
        unknown
      >;
      const log = JSON.parse(text) as Record<'events' | 'objects', { type: string; relationships: object[] }[]>;
      expect(found).toEqual({
        events: town.events.length,
        objects: log.objects.length,
        relations: log.events.reduce((sum, { relationships }) => sum + relationships.length, 0),
        activities: counted(
          town.events.map(({ bytes }) => (JSON.parse(Buffer.from(bytes).toString()) as { type: string }).type),
        ),
        types: counted(log.objects.map(({ type }) => type)),
      });
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});

function counted(names: string[]): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length]));
}
