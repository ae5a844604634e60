// `daocha import` as people and scripts meet it: the command itself, against a server that the test answers for.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, vi } from 'vitest';
import { run } from '../../infra/cli/import.ts';
import type { ImportSummary } from '../../shared/import/summary.ts';
import { makeTown, type TestTown } from '../functions/api/support.ts';

interface Answer {
  status: number;
  headers?: Record<string, string>;
  body: unknown;
}

type Answering = (method: string, path: string, raw: string) => Promise<Answer>;

async function respond(answer: Answering, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, headers = {}, body } = await answer(request.method!, request.url!, await text(request));
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

/** What some work writes to the terminal. */
export async function captured<T>(work: () => Promise<T>): Promise<{ value: T; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => out.push(String(chunk)) > 0),
    vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => err.push(String(chunk)) > 0),
  ];
  try {
    return { value: await work(), out: out.join(''), err: err.join('') };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

/** Serves while the file's tests run. @param answer what is asked, and the body as it came */
export function commandLine(answer: Answering) {
  let folder: string;
  let server: Server;
  let api: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'daocha-import-'));
    server = createServer((request, response) => void respond(answer, request, response));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    await new Promise((closed) => server.close(closed));
    await rm(folder, { recursive: true });
  });

  return {
    file: async (content: string | Uint8Array): Promise<string> => {
      const path = join(folder, `register-${Math.random().toString(36).slice(2)}.csv`);
      await writeFile(path, content);
      return path;
    },
    daochaImport: async (...argv: string[]): Promise<{ code: number; out: string; err: string }> => {
      const { value, out, err } = await captured(() => run(['--api', api, '--token', 'x', ...argv]));
      return { code: value, out, err };
    },
  };
}

/** Registers imported as `daocha-csv` into a fresh town for each test: the deployed API on tables in memory. */
export function importingTown() {
  let town: TestTown;
  let token: string;
  const { file, daochaImport } = commandLine((method, path, raw) =>
    town.send(method, path, { token, ...(raw && { raw, headers: { 'content-type': 'application/json' } }) }),
  );
  beforeEach(async () => {
    town = await makeTown({ compared: true });
    token = await town.as('importer', 'office');
  });
  const stored = () =>
    town.fake
      .items('events')
      .flatMap((item) => item['events']!.L!)
      .map((value) => JSON.parse(Buffer.from(value.B!).toString()) as { type: string; source: string; data: never });

  return {
    get town() {
      return town;
    },
    file,
    daochaImport: async (path: string, ...options: string[]) => {
      const { code: exit, out, err } = await daochaImport('--source', 'daocha-csv', '--json', path, ...options);
      return { exit, summary: out === '' ? undefined : (JSON.parse(out) as ImportSummary), err };
    },
    /** What imports put on record. */
    recorded: () => {
      const events = stored().filter(({ source }) => source === 'import');
      const of = (type: string) => events.filter((event) => event.type === type).map(({ data }) => data);
      return {
        names: (of('UnitRegistered') as { details: { name: string } }[]).map(({ details }) => details.name),
        inspections: of('InspectionRecorded') as { clean: boolean; answers: Record<string, string>[] }[],
        occurred: (events as unknown as { type: string; occurredAt: string; derived: { rows: number[] } }[])
          .filter(({ type }) => type === 'InspectionRecorded')
          .map(({ occurredAt, derived }) => [derived.rows[0], occurredAt]),
        hazards: of('HazardFound').length,
      };
    },
  };
}
