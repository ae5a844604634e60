// What a deployment chooses, read from CDK context (`-c key=value`, or "context" in cdk.json). Every key has a default
// with which the app synthesizes; a malformed value stops the synthesis with an error that names the key.
// docs/deploying.md describes the keys for people.

import type { Node } from 'constructs';

import { InvalidInput } from '../../events/errors.ts';
import { pastedAlong } from '../../shared/pasted.ts';
import { parseWitnesses } from '../../shared/record/witness/configured.ts';

export interface Configuration {
  /** Short name of the town; first part of every stream key. */
  tenant: string;
  /** Region to deploy to. Without it the template fits every region and the command line's own environment decides. */
  region: string | undefined;
  /** OIDC issuer, exactly as in the `iss` claim. */
  issuer: string;
  /** What the `aud` claim must hold. */
  audience: string;
  /** Where the issuer publishes its signing keys. */
  jwksUrl: string;
  /** Claims that hold roles, organisation and post; undefined leaves the functions' own defaults. */
  claims: { roles: string | undefined; organisation: string | undefined; post: string | undefined };
  /** Hours that a token may live; undefined leaves the functions' own default. */
  tokenHours: string | undefined;
  /** Sign-in of the console: its client id at the issuer, the scopes it asks for, its own address where that is not the API's. */
  console: { client: string; scope: string | undefined; site: string | undefined };
  /** Subscribed to every alarm. */
  alarmEmail: string | undefined;
  /** Prefix of the runbook links in alarms. */
  runbooks: string;
  architecture: 'arm64' | 'x86_64';
  /** Concurrent sequencers at most; undefined reserves nothing. */
  sequencerConcurrency: number | undefined;
  /** The log's identity in every checkpoint. Can never change. */
  logOrigin: string;
  /** Where the key is that signs checkpoints: a key of KMS made with the stack, or the secret `log-key` in SSM. */
  logKey: 'kms' | 'ssm';
  /** Years for which copies of checkpoints cannot be deleted by anybody. */
  retentionYears: number;
  /** Witnesses of the log, as shared/record/witness/configured.ts reads them. */
  witnesses: string | undefined;
  /** Where the time-stamping authority (RFC 3161) takes requests; without one nothing is stamped. */
  tsaUrl: string | undefined;
  /** Minutes between two time stamps, at least. */
  tsaMinutes: string | undefined;
  /** Seconds between two checkpoints, at least. */
  sealSeconds: number;
  /** Whether the events table carries a resource policy that denies changing events to every principal. */
  eventsPolicy: boolean;
}

/** Stands in until a real issuer is configured: synthesizes, but API Gateway refuses to deploy it, as nobody answers there. */
export const PLACEHOLDER_ISSUER = 'https://issuer.example.com';

/**
 * Reads the configuration from the context of a construct node.
 * @throws InvalidInput with `field` = the context key and `expected` = what would be right
 */
export function readConfiguration(node: Node): Configuration {
  const optional = (key: string, pattern: RegExp, expected: string): string | undefined => {
    const value: unknown = node.tryGetContext(key);
    if (value === undefined || value === '') return undefined;
    const text =
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
    const along = pastedAlong(text, true);
    if (along !== undefined) throw new InvalidInput(`Context key "${key}" ${along}.`, { field: key, expected });
    if (!pattern.test(text)) {
      throw new InvalidInput(`Context key "${key}" is ${JSON.stringify(value)}; expected ${expected}.`, {
        field: key,
        expected,
      });
    }
    return text;
  };

  const issuer = optional('issuer', HTTPS_URL, 'an https URL, as in the tokens\' "iss" claim') ?? PLACEHOLDER_ISSUER;
  const tenant =
    optional('tenant', /^[a-z][a-z0-9-]{1,30}$/, '2 to 31 of a–z, 0–9 and "-", a letter first') ?? 'liantang';
  const concurrency = optional('sequencerConcurrency', /^[1-9]\d{0,2}$/, 'a whole number from 1 to 999');
  return {
    tenant,
    region: optional('region', /^[a-z]{2,4}(-[a-z]+)+-\d+$/, 'a region such as cn-north-1'),
    issuer,
    audience: optional('audience', /^\S+$/, 'one word, as in the tokens\' "aud" claim') ?? 'daocha',
    jwksUrl:
      optional('jwksUrl', HTTPS_URL, 'an https URL of a JSON Web Key Set') ??
      `${issuer.replace(/\/$/, '')}/.well-known/jwks.json`,
    claims: {
      roles: optional('rolesClaim', /^\S+$/, 'the name of a claim'),
      organisation: optional('orgClaim', /^\S+$/, 'the name of a claim'),
      post: optional('postClaim', /^\S+$/, 'the name of a claim'),
    },
    tokenHours: optional('tokenHours', /^[1-9]\d{0,3}$/, 'a whole number of hours, 1 to 9999'),
    console: {
      client: optional('consoleClient', /^\S+$/, 'the id of a public client at the issuer') ?? 'daocha-console',
      scope: optional('consoleScope', /^openid( \S+)*$/, 'scopes divided by blanks, openid first'),
      site: optional('consoleSite', /^https:\/\/[^\s/?#]+$/, 'https:// and a host, without a path'),
    },
    alarmEmail: optional('alarmEmail', /^[^\s@]+@[^\s@]+\.[^\s@]+$/, 'an e-mail address'),
    runbooks: optional('runbooks', /^\S+$/, 'a URL or path of the runbooks') ?? 'docs/runbooks.md',
    architecture:
      (optional('architecture', /^(arm64|x86_64)$/, 'arm64 or x86_64') as Configuration['architecture'] | undefined) ??
      'arm64',
    sequencerConcurrency: concurrency === undefined ? undefined : Number(concurrency),
    logOrigin:
      optional('logOrigin', /^[A-Za-z0-9._~/-]{1,200}$/, 'a name such as safety.example.cn/liantang, without scheme') ??
      `daocha.invalid/${tenant}`,
    logKey: (optional('logKey', /^(kms|ssm)$/, 'kms or ssm') as Configuration['logKey'] | undefined) ?? 'kms',
    retentionYears: Number(optional('retentionYears', /^([1-9]|[1-9]\d)$/, 'a whole number from 1 to 99') ?? 10),
    witnesses: witnessesOf(node.tryGetContext('witnesses')),
    tsaUrl: optional('tsaUrl', HTTPS_URL, 'an https URL of a time-stamping authority'),
    tsaMinutes: optional('tsaMinutes', /^[1-9]\d{0,4}$/, 'a whole number from 1 to 99999'),
    sealSeconds: Number(optional('sealSeconds', /^([1-9]|[1-9]\d|[12]\d\d|300)$/, 'a whole number from 1 to 300') ?? 2),
    eventsPolicy: optional('eventsPolicy', /^(true|false)$/, 'true or false') !== 'false',
  };
}

/** Text or a list of lines; in the end one line for each witness. @throws InvalidInput */
function witnessesOf(value: unknown): string | undefined {
  const text = Array.isArray(value) ? value.join(';') : value;
  if (text === undefined || text === '') return undefined;
  if (typeof text !== 'string') {
    throw new InvalidInput(`Context key "witnesses" is ${JSON.stringify(value)}; expected text, or a list of text.`, {
      field: 'witnesses',
      expected: 'text, or a list of text',
    });
  }
  try {
    parseWitnesses(text);
  } catch (error) {
    const { message, expected = '' } = error as InvalidInput;
    throw new InvalidInput(`Context key "witnesses": ${message}; expected ${expected}.`, {
      field: 'witnesses',
      expected,
    });
  }
  return text;
}

const HTTPS_URL = /^https:\/\/[^\s/?#]+(\/[^\s?#]*)?$/;
