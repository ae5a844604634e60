// Evidence in a directory, as on one machine, and the platform's side that takes it: for towns in memory. And small files that are what
// they say.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Evidence } from '../../events/envelope.ts';
import { sha256Of } from '../../functions/runtime/dossier-store.ts';
import { openEvidenceStore, type EvidenceStore } from '../../functions/runtime/evidence-store.ts';
import { takeEvidence } from '../../infra/local/evidence.ts';

export const SECRET = 'a secret of the tests that signs uploads';

/** The shortest bytes that begin as the type does. */
export const JPEG = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.from('照片一')]);
export const PDF = Buffer.from('%PDF-1.7\n% 决定书\n');

export interface TestEvidence extends EvidenceStore {
  directory: string;
  /** lays a photo there as if it had been put, and gives it as commands name it */
  keep: (bytes: Uint8Array) => Evidence;
}

export function directoryEvidence(tenant: string, now: () => Date = () => new Date()): TestEvidence {
  const directory = mkdtempSync(join(tmpdir(), 'daocha-evidence-'));
  return {
    ...openEvidenceStore({ place: `file:${directory}`, tenant, secret: SECRET, now }),
    directory,
    keep: (bytes) => {
      mkdirSync(join(directory, tenant), { recursive: true });
      writeFileSync(join(directory, tenant, sha256Of(bytes)), bytes);
      return { sha256: sha256Of(bytes), mediaType: 'image/jpeg' };
    },
  };
}

/** The server that takes what was announced. */
export async function serveUploads(directory: string): Promise<{ at: string; close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    takeEvidence({ directory, secret: SECRET }, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  return {
    at: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((done) => server.close(() => done())),
  };
}
