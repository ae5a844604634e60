// The files of a bundle on disk: listed, read one at a time, and written so that a file is there whole or not at all.
// Whoever made the bundle may have put anything there: only plain files below the directory are read, by no link, and
// none that is larger than its kind can be.
import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  writeFileSync,
  type Dirent,
  type Stats,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { limitOf } from './layout.ts';

const TEMPORARY = '.part';
const CHUNK = 1024 * 1024;
/** A log of sixty million events has fewer. */
export const MOST_FILES = 500_000;
/** Folders in each other; a bundle has `log/tile/entries/x001/x234/067.p/8`. */
const DEEPEST = 10;
/** Without waiting for the other end of a pipe, and not through a link. */
const READ = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** What a bundle holds that is no file that can be read as one, and why. */
export interface Oddity {
  path: string;
  message: string;
}

export class BundleFiles {
  readonly dir: string;
  #buffer: Buffer = Buffer.alloc(CHUNK);
  /** folders that are known to be folders, and no links to some */
  readonly #folders = new Set<string>(['.']);

  constructor(dir: string) {
    this.dir = dir;
  }

  /** Paths of all plain files, with `/`, sorted. */
  list(): string[] {
    return this.walk().paths;
  }

  /** The same, and what else is there: links, pipes, devices, what lies too deep or cannot be read. Ends when there are too many. */
  walk(): { paths: string[]; odd: Oddity[] } {
    const paths: string[] = [];
    const odd: Oddity[] = [];
    const walk = (below: string, depth: number): void => {
      for (const entry of readdirSync(join(this.dir, below), { withFileTypes: true })) {
        const path = below === '' ? entry.name : `${below}/${entry.name}`;
        if (paths.length + odd.length > MOST_FILES) return;
        if (entry.isDirectory()) {
          if (depth === DEEPEST) odd.push({ path, message: 'no folder of a bundle lies so deep' });
          else attempt(path, () => walk(path, depth + 1));
        } else if (!entry.isFile())
          odd.push({ path, message: `${kindOf(entry)}: a bundle has plain files and folders only` });
        else if (!path.endsWith(TEMPORARY)) paths.push(path);
      }
    };
    const attempt = (path: string, read: () => void): void => {
      try {
        read();
      } catch (error) {
        odd.push({ path, message: `it cannot be read: ${(error as Error).message}` });
      }
    };
    walk('', 1);
    if (paths.length + odd.length > MOST_FILES) odd.push({ path: '.', message: `more than ${MOST_FILES} files` });
    return { paths: paths.toSorted(), odd };
  }

  /** Bytes of a plain file; undefined when there is none. */
  size(path: string): number | undefined {
    if (!this.#within(path)) return undefined;
    const found = seen(join(this.dir, path));
    return found?.isFile() ? found.size : undefined;
  }

  /** Whether each folder above it is one of the bundle itself. */
  #within(path: string): boolean {
    const folder = dirname(path);
    if (this.#folders.has(folder)) return true;
    if (!this.#within(folder)) return false;
    if (!seen(join(this.dir, folder))?.isDirectory()) return false;
    this.#folders.add(folder);
    return true;
  }

  /** A file's bytes in memory of their own; undefined when there is none. */
  read(path: string): Uint8Array | undefined {
    const bytes = this.view(path);
    return bytes && new Uint8Array(bytes);
  }

  /** The same in memory that the next call uses again. */
  view(path: string): Uint8Array | undefined {
    return this.#open(path, (file) => {
      const { size } = fstatSync(file);
      if (size > this.#buffer.length) this.#buffer = Buffer.alloc(size * 2);
      return this.#buffer.subarray(0, readSync(file, this.#buffer, 0, size, 0));
    });
  }

  text(path: string): string | undefined {
    const bytes = this.view(path);
    return bytes && Buffer.from(bytes).toString('utf8');
  }

  /** SHA-256 of a file in hex, however large it is. */
  sum(path: string): string | undefined {
    return this.#open(path, (file) => {
      const hash = createHash('sha256');
      for (;;) {
        const read = readSync(file, this.#buffer, 0, CHUNK, null);
        if (read === 0) return hash.digest('hex');
        hash.update(this.#buffer.subarray(0, read));
      }
    });
  }

  #open<T>(path: string, use: (file: number) => T): T | undefined {
    if (!this.#within(path)) return undefined;
    let file: number;
    try {
      file = openSync(join(this.dir, path), READ);
    } catch (error) {
      // ELOOP: a link; ENXIO: a socket, or a device that is not there
      const none = ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO', 'EACCES', 'EISDIR', 'ENAMETOOLONG'];
      if (none.includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
      throw error;
    }
    try {
      const found = fstatSync(file);
      return found.isFile() && found.size <= limitOf(path) ? use(file) : undefined;
    } finally {
      closeSync(file);
    }
  }

  write(path: string, bytes: Uint8Array | string): void {
    this.writeChunks(path, [bytes]);
  }

  /** The file where something large is written piece by piece; `finish` puts it into its place. */
  begin(path: string): { append: (chunk: string) => void; finish: () => void } {
    const target = join(this.dir, path);
    mkdirSync(dirname(target), { recursive: true });
    const file = openSync(target + TEMPORARY, 'w');
    return {
      append: (chunk) => writeFileSync(file, chunk),
      finish: () => {
        closeSync(file);
        renameSync(target + TEMPORARY, target);
      },
    };
  }

  writeChunks(path: string, chunks: Iterable<Uint8Array | string>): void {
    const target = join(this.dir, path);
    mkdirSync(dirname(target), { recursive: true });
    const file = openSync(target + TEMPORARY, 'w');
    try {
      for (const chunk of chunks) writeFileSync(file, chunk);
    } finally {
      closeSync(file);
    }
    renameSync(target + TEMPORARY, target);
  }
}

function kindOf(entry: Dirent): string {
  if (entry.isSymbolicLink()) return 'a symbolic link';
  if (entry.isFIFO()) return 'a pipe';
  return entry.isSocket() ? 'a socket' : 'a device';
}

/** What is there, itself; undefined when nothing does that could be looked at. */
function seen(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}
