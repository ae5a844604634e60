// The names of the environment variables by which the infrastructure tells a function where it runs. Declared once:
// the stack sets them (infra/aws/constructs), the functions read them (functions/runtime/environment.ts).

export const VARIABLES = {
  tenant: 'DAOCHA_TENANT',
  eventsTable: 'EVENTS_TABLE',
  logTable: 'LOG_TABLE',
  viewsTable: 'VIEWS_TABLE',
  accessTable: 'ACCESS_TABLE',
  directoryTable: 'DIRECTORY_TABLE',
  busName: 'BUS_NAME',
  secrets: 'SECRETS',
  logOrigin: 'LOG_ORIGIN',
  logKey: 'LOG_KEY',
  sealSeconds: 'SEAL_SECONDS',
  dossiers: 'DOSSIERS',
  evidence: 'EVIDENCE',
  evidenceSecret: 'DAOCHA_EVIDENCE_SECRET',
  archive: 'ARCHIVE',
  witnesses: 'DAOCHA_WITNESSES',
  tsaUrl: 'DAOCHA_TSA_URL',
  tsaMinutes: 'DAOCHA_TSA_MINUTES',
  consoleUrl: 'DAOCHA_CONSOLE_URL',
  issuer: 'DAOCHA_ISSUER',
  audience: 'DAOCHA_AUDIENCE',
  jwksUrl: 'DAOCHA_JWKS_URL',
  rolesClaim: 'DAOCHA_ROLES_CLAIM',
  organisationClaim: 'DAOCHA_ORG_CLAIM',
  postClaim: 'DAOCHA_POST_CLAIM',
  tokenHours: 'DAOCHA_TOKEN_HOURS',
  consoleClient: 'DAOCHA_CONSOLE_CLIENT',
  consoleScope: 'DAOCHA_CONSOLE_SCOPE',
  consoleSite: 'DAOCHA_CONSOLE_SITE',
  sessionSecret: 'DAOCHA_SESSION_SECRET',
  writerSeed: 'DAOCHA_WRITER_SEED',
  serviceName: 'POWERTOOLS_SERVICE_NAME',
  metricsNamespace: 'POWERTOOLS_METRICS_NAMESPACE',
  logLevel: 'POWERTOOLS_LOG_LEVEL',
} as const;

/** Namespace of every metric that the functions write, and of every alarm on them. */
export const METRICS_NAMESPACE = 'daocha';

/** Metrics that alarms watch. The functions write them; a typing error in either place would silence an alarm. */
export const METRICS = {
  /** A stored commit was changed or removed: a MODIFY or REMOVE record on the events stream. */
  eventsTampered: 'EventsTampered',
  /** Commits came into the log that name another time than the log's. */
  eventsBackDated: 'EventsBackDated',
  /** Seconds by which the sequencer's clock stood before the log's time: it was set back. */
  clockSetBackSeconds: 'ClockSetBackSeconds',
  /** Streams that a follower leaves out, because an event in each is gone or altered. */
  streamsBroken: 'StreamsBroken',
  /** A stream has a hole in its versions; it is quarantined until someone looks. */
  sequencerGap: 'SequencerGap',
  /** What is stored does not continue what was signed, or the key is another: nothing is signed any more. */
  sealRefused: 'SealRefused',
  /** Seconds that the oldest unsigned event had waited when the schedule came by. */
  unsealedSeconds: 'UnsealedSeconds',
  /** What is stored is not what came into the log, or not what the index was built of. */
  indexRefused: 'IndexRefused',
  /** Seconds that the oldest event which no seal of the index is over had waited when the schedule came by. */
  unindexedSeconds: 'UnindexedSeconds',
  /** A rule fired, or a dossier was to be compiled, and what followed from it was refused: a person must do it. */
  reactionRefused: 'ReactionRefused',
  /** Seconds that the oldest checkpoint, cosignature or time stamp has waited for its copy in write-once storage. */
  unarchivedSeconds: 'UnarchivedSeconds',
  /** Witnesses that have answered, and do not cosign: they have seen another log, or do not know ours. */
  witnessRefused: 'WitnessRefused',
  /** Seconds for which the witness that has failed longest has failed. */
  witnessSilentSeconds: 'WitnessSilentSeconds',
  /** Seconds for which the time-stamping authority has failed. */
  unstampedSeconds: 'UnstampedSeconds',
  /** A run of the clock has ended; none for a day means that nobody is reminded. */
  remindRuns: 'RemindRuns',
  /** Something is due in a year for which the rule set has no statutory calendar; the value is the year. */
  calendarYearMissing: 'CalendarYearMissing',
  /** A message was given up: a channel refused it, or kept failing. */
  messagesFailed: 'MessagesFailed',
} as const;

/** KMS's name for Ed25519 (RFC 8032) over the message itself: what the log's key signs with, and all that its policy allows. */
export const LOG_KEY_ALGORITHM = 'ED25519_SHA_512';

/** What `SECRETS` may be: `ssm:/daocha/liantang/` or `file:/path/to/secrets.json` (functions/runtime/secrets.ts). */
export const SECRETS_SOURCE = /^(ssm:\/([A-Za-z0-9_.-]+\/)+|file:.+)$/;

/** What `DOSSIERS` may be: `s3:<bucket>` or `file:<directory>` (functions/runtime/dossier-store.ts). */
export const DOSSIERS_PLACE = /^(s3:[A-Za-z0-9][A-Za-z0-9.-]{1,62}|file:.+)$/;

/** What `EVIDENCE` may be, as `DOSSIERS` (functions/runtime/evidence-store.ts). */
export const EVIDENCE_PLACE = DOSSIERS_PLACE;

/** Folder of the secrets by which district systems sign what they deliver, one for each organisation (functions/api/signed.ts). */
export const WEBHOOK_SECRETS = 'district-webhooks';

/** Folder of the keys by which functions sign for what they record, one for each (functions/runtime/writer.ts). */
export const WRITER_SECRETS = 'writers';

/** The functions that add events; the stack gives no other the right (test/infra/aws/stack.test.ts). */
export const WRITERS = ['api', 'console', 'district', 'notify', 'react', 'remind', 'index'] as const;

/** Secrets that somebody reads, by name; and the folders of those that there are several of. Any other name is misspelt. */
export const SECRET_NAMES = ['smtp', 'log-key', 'console-session'] as const;
export const SECRET_FOLDERS = ['channels', WEBHOOK_SECRETS, WRITER_SECRETS] as const;

/** Hours that a token may live, from its issue to its end, unless told: so long a stolen one can be used, and roles withdrawn since. */
export const TOKEN_HOURS = 24;
