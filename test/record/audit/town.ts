// A town's log for tests of the audit: units with hazards that are found, graded and signed off, as commits, as a signed tree
// of tiles, and as the source that a bundle is made from.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeEvent, definitionOf, type Draft, type EventType } from '../../../events/catalogue.ts';
import type { Category } from '../../../events/envelope.ts';
import type { BundleSource } from '../../../shared/record/audit/bundle.ts';
import { NO_COMMIT, type Commit } from '../../../shared/record/store/commit.ts';
import { sealCommits } from '../../../shared/record/store/store.ts';
import { signCheckpoint } from '../../../shared/record/tlog/checkpoint.ts';
import { localKey } from '../../../shared/record/tlog/ed25519.ts';
import { noteSigner } from '../../../shared/record/tlog/note.ts';
import { parseTilePath } from '../../../shared/record/tlog/tile.ts';
import { readRoot } from '../../../shared/record/tlog/tile-build.ts';
import { ED25519, formatVkey, vkeyOf } from '../../../shared/record/tlog/vkey.ts';
import { eventOf, later } from '../../support/builders.ts';
import { TileStore } from '../tlog/logs.ts';

const SECOND = 1000;
export const ORIGIN = 'liantang.example/log';
export const key = localKey(new Uint8Array(32).fill(7));
export const vkey = formatVkey(vkeyOf(ORIGIN, ED25519, key.publicKey));

export interface Told {
  stream: string;
  version: number;
  unit: string;
  bytes: Uint8Array;
}

/** Events of a number of commits, in the log's order; each unit has 12 of them. */
export class Town {
  readonly commits: Commit[] = [];
  readonly events: Told[] = [];
  readonly #next = new Map<string, { version: number; hash: Uint8Array }>();

  constructor(events: number) {
    for (let n = 0; this.events.length < events; n++) this.#unit(n);
  }

  #unit(n: number): void {
    const unit = `u_${n}`;
    const about = { unit, track: 'gas' as const, organisation: 'guijianban' };
    this.#commit([[unit, 'unit', 'UnitRegistered', about]]);
    this.#commit([
      [`i_${n}`, 'inspection', 'InspectionRecorded', about],
      [unit, 'unit', 'UnitLedgerChanged', about],
      [`h_${n}`, 'hazard', 'HazardFound', about],
    ]);
    for (const type of ['HazardGraded', 'HazardAssigned', 'RectificationOrdered'] as const) {
      this.#commit([[`h_${n}`, 'hazard', type, about]]);
    }
    this.#commit([
      [`h_${n}`, 'hazard', 'RectificationSubmitted', about],
      [`h_${n}`, 'hazard', 'VerificationPassed', about],
      [`h_${n}`, 'hazard', 'HazardSignedOff', about],
      [unit, 'unit', 'UnitListed', about],
    ]);
    this.#commit([[`i_${n}b`, 'inspection', 'InspectionMissed', about]]);
  }

  #commit(parts: [id: string, category: Category, type: EventType, about: object][]): void {
    const recordedAt = later(this.events.length * SECOND);
    const command = `c-${this.commits.length}`;
    const byStream = Map.groupBy(parts, ([id, category]) => `${category}#${id}`);
    const drafts = [...byStream.values()].map((some) => {
      const stream = `liantang#${some[0]![1]}#${some[0]![0]}`;
      const before = this.#next.get(stream) ?? { version: 1, hash: NO_COMMIT };
      const events = some.map(([id, category, type, about], n) => {
        const draft = { type, data: structuredClone(definitionOf(type).example) } as Draft;
        return encodeEvent(
          eventOf(category, id, before.version + n, draft, { ...about, occurredAt: recordedAt, recordedAt, command }),
        );
      });
      return {
        stream,
        version: before.version,
        events,
        command,
        request: 'r',
        person: 'p-inspector-1',
        recordedAt,
        prev: before.hash,
      };
    });
    for (const commit of sealCommits(drafts)) {
      this.#next.set(commit.stream, { version: commit.next, hash: commit.hash });
      this.commits.push(commit);
      for (const [n, bytes] of commit.events.entries()) {
        const unit = (parts[0]![3] as { unit: string }).unit;
        this.events.push({ stream: commit.stream, version: commit.version + n, unit, bytes });
      }
    }
  }
}

export async function checkpointOf(store: TileStore, signer = key, origin = ORIGIN): Promise<string> {
  const root = await readRoot(store.size, store.read);
  return signCheckpoint({ origin, size: store.size, root }, [noteSigner(origin, signer)]);
}

/** A signed log of events, and where a bundle is made from it. */
export async function sourceOf(
  events: readonly Told[],
): Promise<{ source: BundleSource; store: TileStore; checkpoint: string }> {
  const store = new TileStore();
  await store.log(events.map(({ bytes }) => bytes));
  const checkpoint = await checkpointOf(store);
  const source: BundleSource = {
    vkey: async () => vkey,
    checkpoint: async () => checkpoint,
    async tile(path) {
      parseTilePath(path);
      return store.files.get(path);
    },
    unitEvents: async (unit) =>
      events.flatMap((event, position) =>
        event.unit === unit ? [{ position, stream: event.stream, version: event.version }] : [],
      ),
  };
  return { source, store, checkpoint };
}

export function temporary(): { dir: string; remove: () => void } {
  const base = mkdtempSync(join(tmpdir(), 'daocha-audit-'));
  return { dir: join(base, 'bundle'), remove: () => rmSync(base, { recursive: true, force: true }) };
}
