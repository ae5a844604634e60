// The events of a bundle, one by one: its hash in the tree, its proof, its place in its stream; and which of them are not there.
import { equal } from '../tlog/bytes.ts';
import { HASH_BYTES, leafHash } from '../tlog/hash.ts';
import { parseTlogProof } from '../tlog/proof.ts';
import { verifyInclusion } from '../tlog/proofs.ts';
import { TILE_WIDTH } from '../tlog/subtree.ts';
import { CHECKPOINT, INFO, leafPath, logTilePath, proofPath, type BundleInfo, type BundleScope } from './layout.ts';
import type { AuditProblem } from './problem.ts';
import { envelopeOf, type SeenEvent, type Verification } from './verification.ts';

/** Every event of the bundle: its hash in the tree, its proof, its place in its stream. */
export function verifyLeaves(
  run: Verification,
  info: BundleInfo,
  head: { size: number; root: Uint8Array },
  positions: readonly number[],
  tilesHold: boolean,
  refs: Set<string>,
): void {
  const present = new Set(positions);
  if (info.scope.kind === 'range') {
    for (let position = info.scope.from; position <= Math.min(info.scope.to, head.size - 1); position++) {
      if (!present.has(position)) run.gone(position);
    }
  }
  const also = new Set(info.scope.kind === 'unit' ? info.scope.also : []);
  const seal = info.index?.position;
  if (seal !== undefined) also.add(seal);
  for (const position of also) if (!present.has(position) && position < head.size) run.gone(position);
  for (const position of run.positions('proofs')) {
    if (!present.has(position) && position < head.size && !run.problems.has(leafPath(position))) run.gone(position);
  }
  const tiled = info.scope.kind !== 'dossier';
  const next = new Map<string, { version: number; position: number }>();
  const gaps: AuditProblem[] = [];
  const altered: { position: number; hash: Uint8Array; want: Uint8Array }[] = [];
  let tile: { index: number; data: Uint8Array } = { index: -1, data: new Uint8Array() };
  for (const [n, position] of positions.entries()) {
    if (n % 256 === 0) run.options.onProgress?.('events', n, positions.length);
    if (position >= head.size) {
      run.problems.add({
        kind: 'extra',
        where: leafPath(position),
        position,
        message: `beyond the ${head.size} events signed`,
      });
      continue;
    }
    const index = Math.floor(position / TILE_WIDTH);
    if (tile.index !== index) {
      const width = Math.min(TILE_WIDTH, head.size - index * TILE_WIDTH);
      tile = { index, data: run.files.read(logTilePath({ level: 0, index, width })) ?? new Uint8Array() };
    }
    const at = (position % TILE_WIDTH) * HASH_BYTES;
    const want = tile.data.subarray(at, at + HASH_BYTES);
    const bytes = run.files.read(leafPath(position));
    if (!bytes) {
      if (!run.problems.has(leafPath(position))) run.gone(position);
      continue;
    }
    const hash = leafHash(bytes);
    const proved = proofProblem(run, position, hash, head);
    const asTile = want.length === HASH_BYTES && equal(hash, want);
    if (!tiled) {
      if (proved === undefined) takeEvent(run, { info, also }, position, bytes, next, refs, gaps);
      else run.problems.add({ ...proved, where: proved.kind === 'altered' ? leafPath(position) : proved.where });
      continue;
    }
    if (!asTile && proved === undefined) {
      run.problems.add({
        kind: 'altered',
        where: logTilePath({ level: 0, index, width: Math.min(TILE_WIDTH, head.size - index * TILE_WIDTH) }),
        position,
        message: 'the leaf hash is not that of the event, whose proof holds',
      });
    } else if (!asTile) {
      altered.push({ position, hash, want });
      continue;
    } else if (proved !== undefined && tilesHold) {
      run.problems.add(proved);
    } else if (proved !== undefined) {
      run.problems.add({ kind: 'altered', where: leafPath(position), position, message: proved.message });
    }
    takeEvent(run, { info, also }, position, bytes, next, refs, gaps);
  }
  run.options.onProgress?.('events', positions.length, positions.length);
  reportAltered(run, altered);
  reportOutsiders(run, info, next.size);
  if (altered.length > 0) return; // of which streams they were, nobody can say
  for (const gap of gaps) run.problems.add(gap);
  compareStreams(run, info, next, positions.length);
}

/** Events that the bundle does not say it is of. When that is every one, what it says is wrong, not they. */
function reportOutsiders(run: Verification, { scope }: BundleInfo, own: number): void {
  if (scope.kind === 'unit' && own === 0 && run.outsiders.length > 0) {
    const message = `it says that the bundle is of unit ${scope.unit}, which no event here is about`;
    run.problems.add({ kind: 'altered', where: INFO, message });
    return;
  }
  for (const { position, message } of run.outsiders) {
    run.problems.add({ kind: 'extra', where: leafPath(position), position, message });
  }
}

/** Undefined when the proof holds. */
function proofProblem(
  run: Verification,
  position: number,
  hash: Uint8Array,
  head: { size: number; root: Uint8Array },
): AuditProblem | undefined {
  const where = proofPath(position);
  const text = run.files.text(where);
  if (text === undefined) return { kind: 'missing', where, position, message: 'the proof is not there' };
  try {
    const proof = parseTlogProof(text);
    if (proof.index !== position) {
      return { kind: 'reordered', where, position, message: `a proof for position ${proof.index}` };
    }
    if (proof.checkpoint !== run.note) {
      return { kind: 'altered', where, position, message: `its checkpoint is not ${CHECKPOINT}` };
    }
    verifyInclusion(hash, position, head.size, head.root, proof.hashes);
    return undefined;
  } catch (error) {
    return { kind: 'altered', where, position, message: (error as Error).message };
  }
}

/** Events that are not what was signed: altered, or in each other's places. */
function reportAltered(
  run: Verification,
  altered: readonly { position: number; hash: Uint8Array; want: Uint8Array }[],
): void {
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
  const wanted = new Map(altered.map(({ position, want }) => [hex(want), position]));
  for (const { position, hash } of altered) {
    const other = wanted.get(hex(hash));
    run.problems.add(
      other === undefined
        ? {
            kind: 'altered',
            where: leafPath(position),
            position,
            message: 'the event is not the one that was signed',
          }
        : {
            kind: 'reordered',
            where: leafPath(position),
            position,
            message: `this is the event of position ${other}`,
          },
    );
  }
}

function takeEvent(
  run: Verification,
  { info, also }: { info: BundleInfo; also: ReadonlySet<number> },
  position: number,
  bytes: Uint8Array,
  next: Map<string, { version: number; position: number }>,
  refs: Set<string>,
  gaps: AuditProblem[],
): void {
  const event = envelopeOf(bytes);
  if (!event) return; // as signed; what an entry says is the log's business
  for (const { sha256 } of event.evidence) refs.add(sha256);
  const outside = outsideOf(info.scope, also, position, event);
  if (outside !== undefined) run.outsiders.push({ position, message: outside });
  // What is there beside the unit's own streams is there event by event.
  if (position === info.index?.position) return;
  if (info.scope.kind === 'unit' && unitOf(event) !== info.scope.unit) return;
  const known = next.get(event.stream);
  if (info.scope.kind === 'unit' && event.version !== (known?.version ?? 0) + 1) {
    const after = known ? `version ${known.version} at position ${known.position}` : 'nothing';
    gaps.push({
      kind: event.version > (known?.version ?? 0) ? 'missing' : 'reordered',
      where: leafPath(position),
      position,
      message: `${event.stream} version ${event.version} comes after ${after}`,
    });
  }
  next.set(event.stream, { version: event.version, position });
}

function compareStreams(
  run: Verification,
  info: BundleInfo,
  next: Map<string, { version: number; position: number }>,
  events: number,
): void {
  for (const [stream, last] of Object.entries(info.streams)) {
    const version = next.get(stream)?.version ?? 0;
    if (version === last) continue;
    run.problems.add({
      kind: version < last ? 'missing' : 'extra',
      where: version === 0 ? INFO : `${stream}@${version + 1}`,
      message: `by ${INFO} the bundle should hold ${stream} up to version ${last}, and holds it up to ${version}`,
    });
  }
  if (info.scope.kind === 'unit') {
    for (const [stream, { position }] of next) {
      if (!Object.hasOwn(info.streams, stream)) {
        run.problems.add({
          kind: 'extra',
          where: leafPath(position),
          position,
          message: `${INFO} does not name ${stream}`,
        });
      }
    }
  }
  if (events !== info.events && run.problems.count === 0) {
    run.problems.add({
      kind: 'missing',
      where: INFO,
      message: `${info.events} events are named, ${events} are there`,
    });
  }
}

const unitOf = ({ unit, stream }: SeenEvent): string | undefined => unit ?? stream.split('#')[2];

/** Why an event is outside the scope that the bundle states. */
function outsideOf(
  scope: BundleScope,
  also: ReadonlySet<number>,
  position: number,
  event: SeenEvent,
): string | undefined {
  if (scope.kind === 'range' && (position < scope.from || position > scope.to)) {
    return `${INFO} says that the bundle is of positions ${scope.from} … ${scope.to}`;
  }
  if (scope.kind === 'unit' && unitOf(event) !== scope.unit && !also.has(position))
    return `${INFO} says that the bundle is of unit ${scope.unit}`;
  return undefined;
}
