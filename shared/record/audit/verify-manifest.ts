// The last step of a verification: the manifest, and the files that nothing names. Files that nobody signed for are at least those of it.
import { newBundles, parseTilePath, tilesOf } from '../tlog/tile.ts';
import {
  CHECKPOINT,
  EVIDENCE,
  EXPORT,
  INDEX_PROOF,
  INFO,
  leafPath,
  LEAVES,
  logTilePath,
  MANIFEST,
  POLICY,
  STAMPED,
  TSQ,
  TSR,
  VKEY,
} from './layout.ts';
import type { Verification } from './verification.ts';

/** Files that nobody signed for are at least those of the manifest. */
export function verifyManifest(run: Verification): void {
  const listed = new Set(run.paths);
  const reported = new Set(run.problems.kept.map(({ where }) => where));
  const none = run.files.size(MANIFEST) === undefined;
  for (const path of run.paths) {
    if (path === MANIFEST || run.sums.has(path)) continue;
    if (none && expected(path)) continue;
    if (reported.has(path)) continue;
    reported.add(path);
    run.problems.add(
      /^(?:log|leaves|proofs|export|time)[/.]|^policy$|^bundle\.json$/u.test(path)
        ? { kind: 'missing', where: MANIFEST, message: `it does not name ${path}` }
        : { kind: 'extra', where: path, message: `not in ${MANIFEST}` },
    );
  }
  extraTiles(run, reported);
  let done = 0;
  for (const [path, sum] of run.sums) {
    done += 1;
    if (done % 256 === 0) run.options.onProgress?.('manifest', done, run.sums.size);
    if (reported.has(path)) continue;
    if (!listed.has(path)) {
      const position = /^leaves\/(?<position>[0-9]{1,15})\.json$/u.exec(path)?.groups?.['position'];
      run.problems.add({
        kind: 'missing',
        where: path,
        ...(position === undefined ? {} : { position: Number(position) }),
        message: `${MANIFEST} names it, and it is not there`,
      });
    } else if ((run.scanned?.sum(path) ?? run.files.sum(path)) !== sum) {
      run.problems.add({
        kind: 'altered',
        where: path,
        message: `not the file of ${MANIFEST}, or its line there was altered`,
      });
    }
  }
  run.options.onProgress?.('manifest', run.sums.size, run.sums.size);
}

/** Whether a file is one that a bundle has. */
function expected(path: string): boolean {
  return (
    [INFO, VKEY, POLICY, CHECKPOINT, EXPORT, STAMPED, TSQ, TSR].includes(path) ||
    [LEAVES, 'proofs/', EVIDENCE, 'log/tile/'].some((folder) => path.startsWith(folder))
  );
}

/** Tiles, proofs and others that the log of this size does not have, whatever the manifest says. */
function extraTiles(run: Verification, reported: Set<string>): void {
  const size = run.info?.size;
  if (size === undefined || !run.opened || run.beyond) return;
  const tiles = new Set(run.info!.scope.kind === 'dossier' ? [] : tilesOf(size).map(logTilePath));
  if (run.info!.scope.kind === 'all') for (const bundle of newBundles(0, size)) tiles.add(logTilePath(bundle));
  const leaves = new Set(run.positions());
  for (const path of run.paths) {
    if (reported.has(path)) continue;
    const add = (message: string): void => {
      reported.add(path);
      run.problems.add({ kind: 'extra', where: path, message });
    };
    if (path.startsWith('log/tile/')) {
      if (!tiles.has(path)) add(isTile(path) ? `no tile of the log of ${size} events here` : 'not the name of a tile');
    } else if (path.startsWith('proofs/')) {
      const position = /^proofs\/(?<position>0|[1-9][0-9]{0,14})\.tlog-proof$/u.exec(path)?.groups?.['position'];
      const known =
        position !== undefined && (leaves.has(Number(position)) || reported.has(leafPath(Number(position))));
      if (!known) add('a proof for no event of the bundle');
    } else if (path.startsWith(LEAVES)) {
      const position = /^leaves\/(?<position>0|[1-9][0-9]{0,14})\.json$/u.exec(path)?.groups?.['position'];
      if (position === undefined) add('not the name of an event');
      else if (run.info!.scope.kind === 'all') add('a bundle of the whole log has its events in log/tile/entries');
    } else if (path !== MANIFEST && !expected(path) && !(path === INDEX_PROOF && run.info!.index))
      add('no file that a bundle has');
  }
}

function isTile(path: string): boolean {
  try {
    return parseTilePath(path.slice('log/'.length)) !== undefined;
  } catch {
    return false;
  }
}
