// Takes evidence files on this machine, where there is no S3: a PUT to an address that the evidence function signed. Like S3 it takes only
// the bytes with the hash, type and size that were announced, says which of them is wrong, and never replaces a file.
import { access } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { sha256Of } from '../../functions/runtime/dossier-store.ts';
import { LOCAL_UPLOADS, readTicket } from '../../functions/runtime/evidence-file.ts';
import { writeWhole } from '../../functions/runtime/whole-file.ts';
import { diskIsFull } from './checkpoints.ts';
import { json } from './server.ts';

export interface EvidenceFolder {
  directory: string;
  /** signs the addresses */
  secret: string;
}

export async function takeEvidence(
  { directory, secret }: EvidenceFolder,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
  const refuse = (status: number, field: string, expected: string): void => {
    request.resume(); // read on, so that the client gets to see the answer
    json(response, status, { message: `${field}: expected ${expected}`, field, expected });
  };
  if (request.method !== 'PUT') return refuse(405, 'method', 'PUT');
  const ticket = readTicket(secret, pathname.slice(LOCAL_UPLOADS.length), searchParams, Date.now());
  if (!ticket) return refuse(403, 'signature', 'an address from POST /v1/evidence that is not older than 15 minutes');
  const { tenant, file } = ticket;
  if (request.headers['content-type'] !== file.mediaType) return refuse(403, 'content-type', file.mediaType);
  const announced = request.headers['content-length'];
  if (announced !== undefined && Number(announced) !== file.size) return refuse(403, 'size', `${file.size} bytes`);

  const bytes = await read(request, file.size);
  if (bytes?.length !== file.size) return refuse(400, 'size', `${file.size} bytes`);
  if (sha256Of(bytes) !== file.sha256) return refuse(400, 'sha256', `bytes with the SHA-256 ${file.sha256}`);
  const folder = join(directory, tenant);
  if (!(await exists(join(folder, file.sha256)))) {
    try {
      await writeWhole(folder, file.sha256, bytes);
    } catch (error) {
      if (!diskIsFull(error)) throw error;
      return json(
        response,
        503,
        { message: 'The disk is full. Make room, then send it again.' },
        { 'retry-after': '5' },
      );
    }
  }
  json(response, 200, { sha256: file.sha256 });
}

async function read(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
  }
  return size > limit ? undefined : Buffer.concat(chunks);
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
