// How the command line talks to a platform's API: its address, who is signed in, JSON both ways. Addresses and tokens are taken from the
// flags, else from the environment, else from the platform that runs on the local data directory, whose development issuer signs.
import { DaochaError, InvalidInput } from '../../events/errors.ts';
import { readSigningKey, signToken } from '../local/issuer.ts';
import { dataDirectory, readPlatformFile } from './data-directory.ts';

export interface ConnectOptions {
  /** `--api`, else DAOCHA_API */
  api?: string | undefined;
  /** `--token`, else DAOCHA_TOKEN */
  token?: string | undefined;
  /** `--data`, else DAOCHA_DATA */
  data?: string | undefined;
  /** role of a token signed locally */
  role?: string;
  /** `--ground`, else DAOCHA_GROUND: on what ground is read, for the access log */
  ground?: string | undefined;
}

export interface ApiAnswer {
  status: number;
  headers: Headers;
  /** parsed JSON, or the text of anything else */
  body: unknown;
}

export interface ApiClient {
  api: string;
  /** Throws only when no answer came (`fetch failed`, with the system's error as its cause). */
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<ApiAnswer>;
  /** What is at a path, byte for byte: tiles and checkpoints of the log. */
  download(path: string): Promise<{ status: number; bytes: Uint8Array }>;
}

/** No way to reach a platform, or nobody to be there: says what to set. */
export class NotConnected extends DaochaError {
  constructor(message: string, field: string, expected: string) {
    super('not-connected', 503, message, { field, expected });
  }
}

/** A local token is signed again when it has less than this to live. */
const RENEW_BEFORE_MS = 60_000;
const LIFETIME_S = 3600;
/** Whoever can sign tokens on this machine is its operator. */
const LOCAL_GROUND = '本机命令行 command line on this machine';

/** @throws NotConnected naming the flag or variable that would help; InvalidInput for what is not an address */
export async function connect(options: ConnectOptions, env: NodeJS.ProcessEnv = process.env): Promise<ApiClient> {
  const data = dataDirectory(options.data, env);
  const api = (options.api ?? (env['DAOCHA_API'] || readPlatformFile(data)?.api))?.replace(/\/+$/, '');
  if (api === undefined) {
    throw new NotConnected(
      `No platform runs on ${data}.`,
      'api',
      'npm start, or the address of a platform in --api or DAOCHA_API',
    );
  }
  if (!URL.canParse(api) || !/^https?:$/.test(new URL(api).protocol)) {
    throw new InvalidInput(`${api} is not an address.`, { field: 'api', expected: 'such as http://127.0.0.1:3000' });
  }
  const given = options.token ?? (env['DAOCHA_TOKEN'] || undefined);
  const token = given === undefined ? localToken(data, api, options.role ?? 'importer') : async () => given;
  await token();
  const ground = options.ground ?? (env['DAOCHA_GROUND'] || (given === undefined ? LOCAL_GROUND : undefined));
  const stated = ground === undefined ? {} : { 'x-access-ground': encodeURIComponent(ground) };
  return {
    api,
    async request(method, path, body, headers = {}) {
      const response = await fetch(`${api}${path}`, {
        method,
        headers: {
          accept: 'application/json',
          authorization: `Bearer ${await token()}`,
          ...stated,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, body: parsed(text) };
    },
    async download(path) {
      const response = await fetch(`${api}${path}`, {
        headers: { authorization: `Bearer ${await token()}`, ...stated },
      });
      return { status: response.status, bytes: new Uint8Array(await response.arrayBuffer()) };
    },
  };
}

/** Tokens of the development issuer of the platform that runs on `data`. */
function localToken(data: string, api: string, role: string): () => Promise<string> {
  let known: { token: string; until: number } | undefined;
  return async () => {
    if (known && Date.now() < known.until - RENEW_BEFORE_MS) return known.token;
    const platform = readPlatformFile(data);
    const key = readSigningKey(data);
    if (!platform || !key) {
      throw new NotConnected(
        `There is no token for ${api}, and no platform runs on ${data} that could sign one.`,
        'token',
        'a sign-in token in --token or DAOCHA_TOKEN, or the data directory of the platform in --data or DAOCHA_DATA',
      );
    }
    const token = await signToken(key, platform, {
      roles: [role],
      org: 'office',
      post: role,
      ttl: String(LIFETIME_S),
    });
    known = { token, until: Date.now() + LIFETIME_S * 1000 };
    return token;
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
