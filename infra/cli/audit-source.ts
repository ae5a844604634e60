// A platform's log over its API, for bundles: tiles and checkpoint at the paths of C2SP tlog-tiles, under `/log`, and the
// events about a unit from its timeline.
import { DaochaError, InvalidInput, NotFound } from '../../shared/errors.ts';
import type { BundleSource } from '../../shared/audit/bundle.ts';
import { encodeEntries } from '../../shared/tlog/entries.ts';
import { TILE_WIDTH } from '../../shared/tlog/subtree.ts';
import { parseTilePath } from '../../shared/tlog/tile.ts';
import type { Answer, ApiClient } from './api-client.ts';

/** @param vkey the log's key from a source of one's own; without it the platform is asked, at `/log/vkey` */
export function apiSource(client: ApiClient, vkey: string | undefined): BundleSource {
  const text = async (path: string): Promise<string> => {
    const { status, bytes } = await client.download(path);
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
    checkpoint: () => text('/log/checkpoint'),
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
function problem({ status, body }: Answer, path?: string): DaochaError {
  const { detail, title } = (typeof body === 'object' && body !== null ? body : {}) as {
    detail?: string;
    title?: string;
  };
  const message = detail ?? title ?? `${path ?? 'the API'} answered ${status}`;
  return status === 400 ? new InvalidInput(message) : new DaochaError('refused', status, message);
}
