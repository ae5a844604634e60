// What the template tells a function. Each function names the variables it needs and gets exactly those, checked; a missing or
// wrong one stops it at start with an error that names the variable, instead of failing on the first request.
import * as z from 'zod';
import { idSchema } from '../../events/envelope.ts';
import { isSafeUrl } from '../../shared/record/http-exchange.ts';
import { pastedAlong } from '../../shared/pasted.ts';
import { isKeyName } from '../../shared/record/tlog/vkey.ts';
import { parseWitnesses } from '../../shared/record/witness/configured.ts';
import { DOSSIERS_PLACE, EVIDENCE_PLACE, SECRETS_SOURCE, TOKEN_HOURS, VARIABLES } from './variables.ts';

const tableName = z.string().regex(/^[A-Za-z0-9_.-]{3,255}$/, 'must be the name of a table');
const safeUrl = z.string().refine(isSafeUrl, 'must be an https address (http only on 127.0.0.1, localhost or [::1])');

const witnesses = z.string().superRefine((text, context) => {
  try {
    parseWitnesses(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
  }
});

const SCHEMAS = {
  tenant: idSchema,
  eventsTable: tableName,
  logTable: tableName,
  viewsTable: tableName,
  accessTable: tableName,
  directoryTable: tableName,
  busName: z.string().min(1),
  /** address of the console in messages, without it (`none`) they have no links */
  consoleUrl: z
    .string()
    .refine((text) => text === 'none' || isSafeUrl(text), 'must be an https address, or none')
    .default('none'),
  secrets: z.string().regex(SECRETS_SOURCE, 'must be ssm:/daocha/<tenant>/ or file:<path>'),
  logOrigin: z.string().refine(isKeyName, 'must be a name without spaces and +'),
  logKey: z.string().default(''),
  sealSeconds: z.string().regex(/^[1-9]\d{0,2}$/, 'must be a whole number of seconds, 1 to 999'),
  dossiers: z.string().regex(DOSSIERS_PLACE, 'must be s3:<bucket> or file:<directory>'),
  evidence: z.string().regex(EVIDENCE_PLACE, 'must be s3:<bucket> or file:<directory>'),
  /** set where there is no S3, on one machine */
  evidenceSecret: z.string().min(32).optional(),
  archive: z.string().regex(/^(s3|file):.+$/, 'must be s3:<bucket> or file:<folder>'),
  witnesses: witnesses.default(''),
  tsaUrl: safeUrl.or(z.literal('')).default(''),
  tsaMinutes: z
    .string()
    .regex(/^[1-9]\d{0,4}$/, 'must be a whole number of minutes, 1 to 99999')
    .default('60'),
  issuer: z.string().min(1),
  audience: z.string().min(1),
  jwksUrl: safeUrl,
  rolesClaim: z.string().min(1).default('roles'),
  organisationClaim: z.string().min(1).default('org'),
  postClaim: z.string().min(1).default('post'),
  /** hours that a token may live */
  tokenHours: z
    .string()
    .regex(/^[1-9]\d{0,3}$/, 'must be a whole number of hours, 1 to 9999')
    .default(String(TOKEN_HOURS))
    .transform(Number),
  consoleClient: z.string().min(1),
  consoleScope: z.string().min(1).default('openid profile'),
  consoleSite: z
    .string()
    .regex(/^https:\/\/[^\s/?#]+$/, 'must be https:// and a host, without a path')
    .optional(),
  /** set where there is no SSM, on one machine */
  sessionSecret: z.string().min(32).optional(),
  /** set where there is no SSM, on one machine */
  writerSeed: z.string().min(32).optional(),
} as const;

export type EnvironmentKey = keyof typeof SCHEMAS;
export type Environment = { [K in EnvironmentKey]: z.output<(typeof SCHEMAS)[K]> };

/**
 * The named settings from the environment, e.g. `readEnvironment(['tenant', 'eventsTable'])`.
 * @throws Error naming every variable that is missing or wrong
 */
export function readEnvironment<K extends EnvironmentKey>(
  keys: readonly K[],
  environment: Record<string, string | undefined> = process.env,
): Pick<Environment, K> {
  const read: Partial<Record<EnvironmentKey, string | number | undefined>> = {};
  const wrong: string[] = [];
  for (const key of keys) {
    const name = VARIABLES[key];
    const text = environment[name] === '' ? undefined : environment[name];
    // a list has a line for each
    const along = text !== undefined && key !== 'witnesses' ? pastedAlong(text, true) : undefined;
    const result = SCHEMAS[key].safeParse(text);
    if (along !== undefined) wrong.push(`${name} ${along}`);
    else if (result.success) read[key] = result.data;
    else wrong.push(environment[name] ? `${name} ${result.error.issues[0]?.message}` : `${name} is missing`);
  }
  if (wrong.length > 0) throw new Error(`environment: ${wrong.join('; ')}`);
  return read as Pick<Environment, K>;
}
