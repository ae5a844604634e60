// Writes a file as a whole or not at all, where files lie in a directory of this machine.
import { randomUUID } from 'node:crypto';
import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';

/** When it returns, the bytes are on the disk under the name; a kill before that leaves nothing under it. */
export async function writeWhole(directory: string, name: string, bytes: Uint8Array): Promise<void> {
  await mkdir(directory, { recursive: true });
  const half = join(directory, `.${name}.${randomUUID()}`);
  const file = await open(half, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(half, join(directory, name));
}
