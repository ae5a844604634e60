// `daocha trace dossier`: compiles what the record says of a unit before a day into one readable file, with the proof
// bundle beside it. The bundle is for one signed size of the log, and the dossier is as known at that size, unless an
// earlier moment is asked for: so every position in it can be proved.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CampaignDefinition } from '../../events/campaign.ts';
import { writeBundle, type BundleSource } from '../../shared/record/audit/bundle.ts';
import { BundleFiles } from '../../shared/record/audit/files.ts';
import { CHECKPOINT, LEAVES, MANIFEST } from '../../shared/record/audit/layout.ts';
import { InvalidInput } from '../../events/errors.ts';
import { parseCheckpoint } from '../../shared/record/tlog/checkpoint.ts';
import { parseNote } from '../../shared/record/tlog/note.ts';
import { dossierHtml } from '../../shared/reading/unit-file/html.ts';
import type { DossierSetting } from '../../shared/reading/unit-file/parts.ts';
import type { UnitFile } from '../../shared/reading/unit-file/unit-file.ts';
import type { ApiClient } from './api-client.ts';
import { apiSource } from './audit-source.ts';
import { print } from './print.ts';
import { startStages } from './stage-progress.ts';

const BUNDLE = 'bundle';

export interface DossierAsked {
  unit: string;
  on: string;
  months: string;
  knownAt: string | undefined;
  out: string;
  bundle: boolean;
}

/** Gets an answer of the API. @throws DaochaError in its own words */
export type Get = (client: ApiClient, path: string, query: URLSearchParams) => Promise<unknown>;

/**
 * Writes `dossier.html`, `dossier.json` and `bundle/` into a directory; goes on with one that was interrupted.
 * @returns false when it was stopped by Ctrl-C
 */
export async function writeDossier(client: ApiClient, get: Get, asked: DossierAsked): Promise<boolean> {
  const { unit, on, months, knownAt, out } = asked;
  const files = new BundleFiles(join(out, BUNDLE));
  if (existsSync(join(out, BUNDLE, MANIFEST)) || existsSync(join(out, 'dossier.html'))) {
    throw new InvalidInput(`${out} has a finished dossier`, {
      field: 'out',
      expected: 'a directory that does not exist',
    });
  }
  const source = asked.bundle ? await atOneSize(apiSource(client, undefined), files) : undefined;
  const head = source && parseCheckpoint(parseNote(source.note).text);
  if (head?.size === 0) throw new InvalidInput('the log has been signed with no event yet', { field: 'unit' });
  const query = new URLSearchParams({ on, months });
  const known = knownAt ?? (head ? String(head.size) : undefined);
  if (known !== undefined) query.set('knownAt', known);
  const path = `/v1/trace/units/${encodeURIComponent(unit)}/dossier`;
  const dossier = (await get(client, path, query)) as UnitFile;
  const { definition } = (await get(client, '/v1/campaign', new URLSearchParams())) as {
    definition: CampaignDefinition | null;
  };

  mkdirSync(out, { recursive: true });
  if (source && head && !(await bundled(source.source, join(out, BUNDLE), dossier, head.size))) return false;
  const held = new Set(source ? leavesOf(files) : []);
  const setting: DossierSetting = {
    campaign: definition ?? undefined,
    bundle: head
      ? {
          path: BUNDLE,
          size: head.size,
          root: Buffer.from(head.root).toString('base64'),
          origin: head.origin,
          holds: (position) => held.has(position),
        }
      : null,
    why: head ? undefined : '按要求省略',
    at: new Date().toISOString(),
  };
  writeFileSync(join(out, 'dossier.json'), `${JSON.stringify(dossier, null, 1)}\n`);
  writeFileSync(join(out, 'dossier.html'), dossierHtml(dossier, setting));
  print(`${out}/dossier.html: ${summary(dossier)}\n`);
  if (head) {
    print(`${out}/${BUNDLE}: ${held.size} events with proofs, of a log of ${head.size}.\n`);
    print(`Verify it: daocha audit verify ${out}/${BUNDLE}\n`);
  }
  return true;
}

/** The log at one signed size: that of an interrupted bundle, else the latest. */
async function atOneSize(source: BundleSource, files: BundleFiles): Promise<{ source: BundleSource; note: string }> {
  const note = files.text(CHECKPOINT) ?? (await source.checkpoint());
  return { source: { ...source, checkpoint: () => Promise.resolve(note) }, note };
}

async function bundled(source: BundleSource, dir: string, dossier: UnitFile, size: number): Promise<boolean> {
  const progress = startStages(process.stderr, {
    tiles: 'Tiles',
    entries: 'Events and proofs',
    evidence: 'Photos and papers',
    export: 'Export',
    manifest: 'Manifest',
  });
  let stop = false;
  const interrupted = (): void => {
    stop = true;
  };
  process.once('SIGINT', interrupted);
  try {
    const unit = dossier.subject.unit;
    const also = named(dossier).filter(({ about, position }) => !about && position < size);
    const positions = [...new Set(also.map(({ position }) => position))].toSorted((a, b) => a - b);
    const { finished } = await writeBundle(source, {
      dir,
      scope: { kind: 'unit', unit, also: positions },
      onProgress: progress.show,
      stopped: () => stop,
    });
    return finished;
  } finally {
    process.removeListener('SIGINT', interrupted);
    progress.stop();
  }
}

/** The categories whose streams are about a unit: the bundle has them whole. */
const OF_UNITS: ReadonlySet<string> = new Set(['unit', 'inspection', 'hazard', 'escalation']);

/** Every event that a dossier names, wherever it does. */
function named(dossier: UnitFile): { position: number; about: boolean }[] {
  const found: { position: number; about: boolean }[] = [];
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const { position, stream } = value as { position?: unknown; stream?: unknown };
    if (typeof position === 'number' && typeof stream === 'string') {
      found.push({ position, about: OF_UNITS.has(stream.split('#')[1] ?? '') });
    }
    for (const inner of Object.values(value)) look(inner);
  };
  look(dossier);
  return found;
}

function leavesOf(files: BundleFiles): number[] {
  return files
    .list()
    .filter((path) => path.startsWith(LEAVES))
    .map((path) => Number(path.slice(LEAVES.length, -'.json'.length)));
}

function summary({ inspections, hazards, gaps, recurrences }: UnitFile): string {
  return `检查 ${inspections.length} 次，隐患 ${hazards.length} 处，履职缺口 ${gaps.length} 条，回潮 ${recurrences.length} 次。`;
}
