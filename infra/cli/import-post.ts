// One POST of an import, and what its failure means: send again, refuse this request, or give up.
import { hasWords, wordsFor } from '../../functions/console/error-words.ts';
import { DaochaError } from '../../events/errors.ts';
import { say } from '../../shared/import/messages.ts';
import { PostFailed, type PostCommands } from '../../shared/import/send.ts';
import type { CommandResult } from '../../shared/import/summary.ts';
import { connect } from './api-client.ts';

/** What is needed of the API's client. `request` throws only when no answer came. */
export interface ImportClient {
  api: string;
  request(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }>;
}

export function postThrough(client: ImportClient): PostCommands {
  return async (request) => {
    const answer = await client.request('POST', '/v1/imports', request).catch((error: unknown) => {
      throw silent(client, error);
    });
    const { status, body } = answer;
    if (status === 200) return (body as { results: CommandResult[] }).results;
    const problem = (typeof body === 'object' && body ? body : {}) as NonNullable<CommandResult['problem']>;
    const said = problem.detail ?? problem.title ?? `HTTP ${status}`;
    if (status === 401) {
      throw new PostFailed('fatal', say('api-token', { api: client.api, said }), problem);
    }
    if (status === 403) throw new PostFailed('fatal', say('api-role', { said }), problem);
    if (status === 404) throw new PostFailed('fatal', say('api-none', { api: client.api }), problem);
    // It may pass, or come again whenever this command is sent: whoever sends it sees which.
    if (status === 500 && (await alive(client))) {
      const detail = `平台处理这一条时出错 the platform failed on it (HTTP 500): ${said}`;
      throw new PostFailed('broken', `${client.api} answers 500: ${said}`, { ...problem, detail });
    }
    // 409: others kept writing to the same unit; 408, 429 and 5xx pass.
    if (status === 408 || status === 409 || status === 429 || status >= 500)
      throw new PostFailed('retry', `${client.api} answers ${status}: ${said}`, problem);
    throw new PostFailed('bad-request', `${client.api} answers ${status}: ${said}`, problem);
  };
}

/** Whether the platform answers at all. */
const alive = (client: ImportClient): Promise<boolean> =>
  client.request('GET', '/health').then(
    ({ status }) => status < 500,
    () => false,
  );

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = (cause as { code?: string } | undefined)?.code;
  return code ?? (error instanceof Error ? error.message : String(error));
}

/**
 * Where to import, and in whose name. A local token is made again when it runs out during a long import.
 * @throws DaochaError when there is no address or token; PostFailed at once, without trying again, when nobody answers there
 */
export async function importClient(options: {
  api?: string | undefined;
  token?: string | undefined;
  data?: string | undefined;
}): Promise<ImportClient> {
  const client = await connect({ ...options, role: 'importer' });
  await client.request('GET', '/health').catch((error: unknown) => {
    throw silent(client, error);
  });
  return client;
}

/** The organisations of the campaign, whose names a register may hold; none where the caller may not read them. */
export async function organisationsOf(client: ImportClient): Promise<readonly { id: string; name: string }[]> {
  const { status, body } = await client.request('GET', '/v1/campaign').catch((error: unknown) => {
    throw silent(client, error);
  });
  if (status !== 200) return [];
  return (
    (body as { definition: { organisations: { id: string; name: string }[] } | null }).definition?.organisations ?? []
  );
}

/** The Chinese words for what the platform answered, by the stable type of the problem. */
export function chineseOf(type: string): string {
  return hasWords(type) ? wordsFor(new DaochaError(type, 422, '')) : '平台没有接受这一条。';
}

function silent(client: ImportClient, error: unknown): Error {
  if (error instanceof DaochaError) return error;
  const message = say('api-silent', { api: client.api, why: reasonOf(error) });
  return new PostFailed('retry', message, undefined, error);
}
