// What whoever starts the platform on this machine may set in the environment, each checked before anything is begun: a wrong one is told
// by its name, with what would be right, and nothing is left behind.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidInput, type DaochaError } from '../../events/errors.ts';
import { readEnvironment } from '../../functions/runtime/environment.ts';
import { makeSecrets } from '../../functions/runtime/secrets.ts';
import { VARIABLES } from '../../functions/runtime/variables.ts';

/** Levels of the functions' own log lines (Powertools). */
const LOG_LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'SILENT', 'CRITICAL'];

/** Those that are handed to the functions as they are. */
const HANDED_ON = ['witnesses', 'tsaUrl', 'tsaMinutes', 'tokenHours'] as const;

export interface LocalSettings {
  tenant: string;
  tokenHours: number;
  /** the JSON file of the secrets, which need not be there unless it was named */
  secrets: string;
  logLevel: string;
  /** environment of the functions */
  handedOn: Record<string, string>;
}

const wrong = (name: string, why: string, expected: string): InvalidInput =>
  new InvalidInput(`${name} ${why}`, { field: name, expected: `${name}: ${expected}` });

/** @throws InvalidInput naming each that is wrong, and what would be right */
export async function readSettings(data: string, env: NodeJS.ProcessEnv = process.env): Promise<LocalSettings> {
  const level = (env['DAOCHA_LOG_LEVEL'] || 'WARN').toUpperCase();
  if (!LOG_LEVELS.includes(level))
    throw wrong('DAOCHA_LOG_LEVEL', `is no level: ${env['DAOCHA_LOG_LEVEL']}`, LOG_LEVELS.join(', '));
  const region = env['AWS_REGION'];
  if (region && !/^[a-z0-9-]{1,64}$/.test(region))
    throw wrong('AWS_REGION', `is no name of a region: ${region}`, 'a name such as us-east-1, or leave it out');
  const named = env['DAOCHA_SECRETS'];
  const secrets = named || join(data, 'secrets.json');
  if (named) {
    requireFile('DAOCHA_SECRETS', named, 'the path of a JSON file, or leave it out');
    // Read once: one that others can read, or that is no JSON, would be told with the first message that is not sent.
    await makeSecrets(`file:${named}`)
      .listSecrets('channels')
      .catch((error: DaochaError) => {
        throw wrong('DAOCHA_SECRETS', `cannot be used: ${error.message}`, error.expected ?? 'a JSON file of secrets');
      });
  }
  try {
    const { tenant, tokenHours } = readEnvironment(['tenant', ...HANDED_ON], {
      ...env,
      [VARIABLES.tenant]: env[VARIABLES.tenant] || 'liantang',
    });
    const handedOn = HANDED_ON.map((key) => VARIABLES[key]).flatMap((name) => (env[name] ? [[name, env[name]]] : []));
    return { tenant, tokenHours, secrets, logLevel: level, handedOn: Object.fromEntries(handedOn) };
  } catch (error) {
    const said = (error as Error).message.replace(/^environment: /, '');
    throw new InvalidInput(`A setting is wrong: ${said}`, {
      field: /^\w+/.exec(said)?.[0] ?? '',
      expected: 'correct or remove what is named; docs/local-platform.md lists what may be set',
    });
  }
}

/** @throws InvalidInput when it is not there, or is something else than a file */
export function requireFile(name: string, path: string, expected: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw wrong(name, `names ${path}, but there is no such file`, expected);
  if (!found.isFile()) throw wrong(name, `names ${path}, which is not a file`, expected);
}

/** An address of a server, with its protocol. @throws InvalidInput naming the setting */
export function requireAddress(name: string, text: string, example: string): void {
  const address = URL.canParse(text) ? new URL(text) : undefined;
  const right = address && ['http:', 'https:'].includes(address.protocol) && address.hostname !== '';
  if (right && !/\s/.test(text)) return;
  throw wrong(name, `is not an address: ${text}`, `an address with http:// or https://, such as ${example}`);
}
