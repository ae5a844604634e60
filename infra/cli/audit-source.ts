// A platform's log over its API, for bundles: tiles and checkpoint at the paths of C2SP tlog-tiles, under `/log`, and the
// events about a unit from its timeline.
import { DaochaError, InvalidInput, NotFound } from '../../events/errors.ts';
import { indexSubject } from '../../events/subjects.ts';
import type { BundleSource } from '../../shared/record/audit/bundle.ts';
import { encodeEntries } from '../../shared/record/tlog/entries.ts';
import { TILE_WIDTH } from '../../shared/record/tlog/subtree.ts';
import { parseTilePath } from '../../shared/record/tlog/tile.ts';
import type { ApiAnswer, ApiClient } from './api-client.ts';

export interface BundleSourceOptions {
  /** the log's key from a source of one's own; without it the platform is asked, at `/log/vkey` */
  vkey?: string | undefined;
  /** take the latest checkpoint that has one, rather than the latest of all */
  having?: 'cosignature' | 'time-stamp' | undefined;
}

export function apiSource(client: ApiClient, { vkey, having }: BundleSourceOptions = {}): BundleSource {
  const text = async (path: string): Promise<string> => {
    const { status, bytes } = await client.download(path);
    if (status === 404 && having !== undefined && path.includes('having')) {
      throw refused(path, status, Buffer.from(bytes).toString('utf8'));
    }
    if (status === 404) {
      throw new NotFound('no-log', `${client.api} has no ${path}: nothing has been signed yet, or it serves no log`);
    }
    if (status !== 200) throw refused(path, status, Buffer.from(bytes).toString('utf8'));
    return Buffer.from(bytes).toString('utf8');
  };
  /** A bundle of entries that is more than one answer carries. */
  const oneByOne = async (path: string): Promise<Uint8Array> => {
    const { index, width } = parseTilePath(path);
    const entries: Uint8Array[] = [];
    for (let n = 0; n < width; n++) {
      const answer = await client.request('GET', `/v1/events/${index * TILE_WIDTH + n}`);
      if (answer.status !== 200) throw problem(answer);
      entries.push(Buffer.from((answer.body as { entry: string }).entry, 'base64'));
    }
    return encodeEntries(entries);
  };
  return {
    vkey: async () => vkey ?? (await text('/log/vkey')).trim(),
    checkpoint: () => text(having === undefined ? '/log/checkpoint' : `/log/checkpoint?having=${having}`),
    async witnesses() {
      const answer = await client.request('GET', '/v1/log/attestations');
      if (answer.status === 404) return []; // another log, which has no such page
      if (answer.status !== 200) throw problem(answer);
      return (answer.body as { witnesses: { vkey: string }[] }).witnesses.map((witness) => witness.vkey);
    },
    async timeStamp(size) {
      const stamp = `/log/checkpoint/${size}/timestamp`;
      const tsr = await client.download(stamp);
      if (tsr.status === 404) return undefined;
      const tsq = await client.download(`${stamp}/request`);
      for (const { status, bytes } of [tsr, tsq]) {
        if (status !== 200) throw refused(stamp, status, Buffer.from(bytes).toString('utf8'));
      }
      return { tsq: tsq.bytes, tsr: tsr.bytes };
    },
    async evidence(event, sha256) {
      const path = `/v1/evidence/${sha256}?event=${encodeURIComponent(event)}`;
      const { status, bytes } = await client.download(path);
      // never put, or taken away: the events still say that there was one
      if (status === 404) return undefined;
      if (status === 200) return bytes;
      const answer = Buffer.from(bytes).toString('utf8');
      if (answer.includes('"urn:daocha:problem:evidence-altered"')) return 'altered';
      throw refused(path, status, answer);
    },
    async indexProof(unit, size) {
      const subject = encodeURIComponent(indexSubject('unit', unit));
      const answer = await client.request('GET', `/v1/log/index?subject=${subject}&size=${size}`);
      // nothing sealed yet, or another log, which has no such page
      if (answer.status === 404) return undefined;
      if (answer.status !== 200) throw problem(answer);
      return answer.body as Awaited<ReturnType<NonNullable<BundleSource['indexProof']>>>;
    },
    async tile(path) {
      const { status, bytes } = await client.download(`/log/${path}`);
      if (status === 404) return undefined;
      if (status === 413) return oneByOne(path);
      if (status !== 200) throw refused(path, status, Buffer.from(bytes).toString('utf8'));
      return bytes;
    },
    async unitEvents(unit, size) {
      const found: { position: number; stream: string; version: number }[] = [];
      let cursor: string | undefined;
      do {
        const query = new URLSearchParams({ limit: '100', ...(size > 0 ? { atLeast: String(size - 1) } : {}) });
        if (cursor !== undefined) query.set('cursor', cursor);
        const path = `/v1/units/${encodeURIComponent(unit)}/timeline?${query.toString()}`;
        const answer = await client.request('GET', path);
        if (answer.status !== 200) throw problem(answer);
        const page = answer.body as { items: typeof found; cursor?: string };
        found.push(...page.items.map(({ position, stream, version }) => ({ position, stream, version })));
        ({ cursor } = page);
      } while (cursor !== undefined);
      if (found.length === 0) {
        throw new NotFound('unknown-unit', `there is no unit ${unit}`, { field: 'unit', expected: 'the id of a unit' });
      }
      return found;
    },
  };
}

function refused(path: string, status: number, text: string): DaochaError {
  let body: unknown = text;
  try {
    body = JSON.parse(text);
  } catch {
    // not a problem document: the text will do
  }
  return problem({ status, body, headers: new Headers() }, path);
}

/** The API's own words. */
function problem({ status, body }: ApiAnswer, path?: string): DaochaError {
  const { detail, title } = (typeof body === 'object' && body !== null ? body : {}) as {
    detail?: string;
    title?: string;
  };
  const message = detail ?? title ?? `${path ?? 'the API'} answered ${status}`;
  return status === 400 ? new InvalidInput(message) : new DaochaError('refused', status, message);
}
