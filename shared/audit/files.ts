// The files of a bundle on disk: listed, read one at a time, and written so that a file is there whole or not at all.
import { createHash } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

const TEMPORARY = '.part';
const CHUNK = 1024 * 1024;

export class BundleFiles {
  readonly dir: string;
  #buffer: Buffer = Buffer.alloc(CHUNK);

  constructor(dir: string) {
    this.dir = dir;
  }

  /** Paths of all files, with `/`, sorted; what is neither file nor directory (a link) is listed too. */
  list(): string[] {
    const paths: string[] = [];
    const walk = (below: string): void => {
      for (const entry of readdirSync(join(this.dir, below), { withFileTypes: true })) {
        const path = below === '' ? entry.name : `${below}/${entry.name}`;
        if (entry.isDirectory()) walk(path);
        else if (!path.endsWith(TEMPORARY)) paths.push(path);
      }
    };
    walk('');
    return paths.toSorted();
  }

  /** Bytes of a file; undefined when there is none. */
  size(path: string): number | undefined {
    const found = statSync(join(this.dir, path), { throwIfNoEntry: false });
    return found?.isFile() ? found.size : undefined;
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
    let file: number;
    try {
      file = openSync(join(this.dir, path), 'r');
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
      throw error;
    }
    try {
      return use(file);
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
