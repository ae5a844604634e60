// Secrets (密钥): addresses with keys in them, signing secrets, passwords. They live in no event, no table and no template, only in SSM
// (SecureString) on AWS, or in a JSON file that only its owner can read. `SECRETS` says where: `ssm:/daocha/<tenant>/` or `file:<path>`.
// Both know a secret by the same name, e.g. `smtp` or `channels/guijianban`. No error, log line or answer ever holds a value.
import { readFile, stat } from 'node:fs/promises';
import {
  GetParameterCommand,
  GetParametersByPathCommand,
  ParameterNotFound,
  SSMClient,
  type Parameter,
} from '@aws-sdk/client-ssm';
import { DaochaError, InvalidInput } from '../../events/errors.ts';
import { readJsonText } from '../../shared/json.ts';
import { own } from '../../shared/own.ts';
import { wallClock } from './now.ts';
import { SECRETS_SOURCE } from './variables.ts';

export interface Secrets {
  /** The secret's text (JSON secrets as JSON text). @throws SecretMissing, SecretUnreadable */
  readSecret: (name: string) => Promise<string>;
  /**
   * All secrets in a folder (`channels` → `channels/guijianban` …) by name, in order of name; none is no error. @throws
   * SecretUnreadable
   */
  listSecrets: (folder: string) => Promise<Map<string, string>>;
  /** Names of all secrets there are, their values not read. @throws SecretUnreadable */
  names?: () => Promise<string[]>;
}

export interface SecretsOptions {
  now?: () => Date;
  /** made when it is first needed, unless given */
  ssm?: SSMClient;
  /** how long a value is taken as read; default 5 minutes from SSM, 2 seconds from a file */
  freshMs?: number;
}

/** There is no such secret: says where it was looked for and how to put it there. */
export class SecretMissing extends DaochaError {
  constructor(name: string, where: string, how: string) {
    super('secret-missing', 500, `there is no secret ${name} in ${where}`, { field: name, expected: how });
  }
}

/** The secret, or the place of all of them, cannot be read. */
export class SecretUnreadable extends DaochaError {
  constructor(name: string, why: string, expected: string, cause?: unknown) {
    super('secret-unreadable', 500, `secret ${name}: ${why}`, { field: name, expected, cause });
  }
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]*(\/[A-Za-z0-9][A-Za-z0-9_.-]*)*$/;
const SSM_FRESH_MS = 5 * 60_000;
const FILE_FRESH_MS = 2_000;

/**
 * @param source the value of `SECRETS`
 * @throws InvalidInput naming `SECRETS` when it is neither of the two
 */
export function makeSecrets(source: string, options: SecretsOptions = {}): Secrets {
  if (!SECRETS_SOURCE.test(source)) {
    throw new InvalidInput('SECRETS names no place for secrets', {
      field: 'SECRETS',
      expected: 'ssm:/daocha/<tenant>/ on AWS, file:<path of a JSON file> elsewhere',
    });
  }
  const isFile = source.startsWith('file:');
  const place = source.slice(source.indexOf(':') + 1);
  const { readSecret, listSecrets, names } = isFile ? fromFile(place) : fromSsm(place, options.ssm);
  const keep = remembering(options.now ?? wallClock, options.freshMs ?? (isFile ? FILE_FRESH_MS : SSM_FRESH_MS));
  return {
    readSecret: async (name) => keep(`one ${named(name)}`, () => readSecret(name)),
    listSecrets: async (folder) => keep(`all ${named(folder)}`, () => listSecrets(folder)),
    ...(names && { names }),
  };
}

function named(name: string): string {
  if (NAME.test(name)) return name;
  throw new InvalidInput(`not the name of a secret: ${name}`, {
    field: 'secret',
    expected: 'letters, digits, _ . -, in parts divided by /',
  });
}

/** Keeps what was read for a while; who asks meanwhile waits for the same reading, and a failure is not kept. */
function remembering(now: () => Date, freshMs: number): <T>(key: string, read: () => Promise<T>) => Promise<T> {
  const known = new Map<string, { at: number; value: Promise<unknown> }>();
  return async <T>(key: string, read: () => Promise<T>): Promise<T> => {
    const at = now().getTime();
    const kept = known.get(key);
    if (kept && Math.abs(at - kept.at) < freshMs) return (await kept.value) as T;
    const value = read();
    known.set(key, { at, value });
    value.catch(() => {
      if (known.get(key)?.value === value) known.delete(key);
    });
    return value;
  };
}

function fromSsm(path: string, given: SSMClient | undefined): Secrets {
  let made = given;
  const ssm = (): SSMClient => (made ??= new SSMClient());
  const how = (name: string): string =>
    `aws ssm put-parameter --type SecureString --name ${path}${name} --value file://…`;
  const asked = async <T>(name: string, call: () => Promise<T>): Promise<T> => {
    try {
      return await call();
    } catch (error) {
      if (error instanceof ParameterNotFound) throw new SecretMissing(name, `SSM under ${path}`, how(name));
      if ((error as Error).name === 'AccessDeniedException') {
        const expected = `the right to read ${path}${name} (and to decrypt it, if it has a key of its own)`;
        throw new SecretUnreadable(name, 'access to SSM is denied', expected, error);
      }
      throw error; // throttling, an outage: the caller tries again
    }
  };
  const pages = async (folder: string, decrypted: boolean): Promise<Parameter[]> => {
    const found: Parameter[] = [];
    let next: string | undefined;
    do {
      const page = await ssm().send(
        new GetParametersByPathCommand({
          Path: `${path}${folder}`,
          Recursive: true,
          WithDecryption: decrypted,
          ...(next && { NextToken: next }),
        }),
      );
      found.push(...(page.Parameters ?? []));
      next = page.NextToken;
    } while (next);
    return found;
  };
  return {
    names: () =>
      asked('(all)', async () => (await pages('', false)).map(({ Name = '' }) => Name.slice(path.length)).toSorted()),
    readSecret: (name) =>
      asked(name, async () => {
        const answer = await ssm().send(new GetParameterCommand({ Name: `${path}${name}`, WithDecryption: true }));
        if (answer.Parameter?.Value) return answer.Parameter.Value;
        throw new SecretMissing(name, `SSM under ${path}`, how(name));
      }),
    listSecrets: (folder) =>
      asked(`${folder}/`, async () => {
        const found = await pages(folder, true);
        return inOrder(found.map(({ Name = '', Value = '' }) => [Name.slice(path.length), Value]));
      }),
  };
}

/** A JSON object of name → text, or of name → JSON, which is handed out as text. Without a file there are no secrets. */
function fromFile(path: string): Secrets {
  const whole = async (name: string): Promise<Record<string, unknown>> => {
    let bytes: Uint8Array;
    try {
      const { mode } = await stat(path);
      if ((mode & 0o077) !== 0) {
        const others = (mode & 0o777).toString(8).padStart(4, '0');
        throw new SecretUnreadable(name, `${path} can be read by others (mode ${others})`, `chmod 600 ${path}`);
      }
      bytes = await readFile(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
      if (error instanceof DaochaError) throw error;
      throw new SecretUnreadable(name, `${path} cannot be read`, 'a file that this process may read', error);
    }
    return objectIn(bytes, path, name);
  };
  const names = async (): Promise<string[]> => Object.keys(await whole('(all)')).toSorted();
  const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
  return {
    names,
    readSecret: async (name) => {
      const value = own(await whole(name), name);
      if (value !== undefined && value !== null && value !== '') return textOf(value);
      throw new SecretMissing(name, path, `"${name}" in that JSON file, which only its owner may read (mode 0600)`);
    },
    listSecrets: async (folder) => {
      const all = Object.entries(await whole(`${folder}/`));
      return inOrder(
        all.filter(([name]) => name.startsWith(`${folder}/`)).map(([name, value]) => [name, textOf(value)]),
      );
    },
  };
}

/** The messages of the parser would quote what is there. */
function objectIn(bytes: Uint8Array, path: string, name: string): Record<string, unknown> {
  try {
    const content = readJsonText(bytes, path);
    if (typeof content === 'object' && content !== null && !Array.isArray(content))
      return content as Record<string, unknown>;
  } catch (error) {
    const { field = path, expected = '' } = error as InvalidInput;
    if (field !== path) throw new SecretUnreadable(name, `${path} at ${field}`, expected);
  }
  throw new SecretUnreadable(name, `${path} is not a JSON object`, '{"<name>": "<text>" or JSON, …}');
}

function inOrder(entries: [string, string][]): Map<string, string> {
  return new Map(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
