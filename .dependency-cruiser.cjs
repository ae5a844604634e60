// The import rules of the folders (docs/concepts.md): what may know of what. Checked by `npm run imports`.
// events/errors.ts and shared/{json,own,pasted,person,text,town-time}.ts import nothing else of ours: everything may import them.
const only = (from, to, comment) => ({
  name: `${from.replaceAll('/', '-')}-imports-only`,
  comment,
  severity: 'error',
  from: { path: `^${from}/` },
  to: {
    path: '^(events|shared|functions|infra|test)/',
    pathNot: [
      `^${from}/`,
      '^(events/errors|shared/(json|own|pasted|person|text|town-time))\\.ts$',
      ...to.map((path) => `^${path}`),
    ],
  },
});

/** Folders or files of shared/record. */
const record = (...names) => `shared/record/(${names.join('|')})(/|\\.ts$)`;

module.exports = {
  forbidden: [
    only('events', [], 'Events know nothing of what handles them.'),

    // record: bytes, order, proofs; no rule
    only('shared/record', ['events/'], 'What is recorded, ordered and signed knows no rules and no views.'),
    only('shared/record/store', ['events/', record('tlog')], 'The store knows bytes, keys and signatures, no rules.'),
    only('shared/record/tlog', [], 'The formats of the transparency log know nothing of what is logged.'),
    only('shared/record/log', ['events/', record('store', 'tlog')], 'The log orders what is stored.'),
    only(
      'shared/record/timestamp',
      [record('tlog', 'http-exchange')],
      'Time stamps are over bytes, whatever these are.',
    ),
    only('shared/record/witness', [record('tlog', 'http-exchange')], 'A witness knows checkpoints and proofs only.'),
    only('shared/record/seal', [record('log', 'tlog')], 'Sealing signs what the log has ordered; it knows no events.'),
    only(
      'shared/record/index',
      ['events/', record('store', 'log', 'tlog')],
      'The index says of what is logged where it stands.',
    ),
    only(
      'shared/record/attest',
      [record('log', 'seal', 'tlog', 'timestamp', 'witness', 'http-exchange')],
      'What others say of checkpoints; it knows no events.',
    ),
    only(
      'shared/record/audit',
      ['events/', record('store', 'log', 'tlog', 'timestamp', 'index')],
      'Auditing compares what is stored, logged and signed.',
    ),
    only('shared/record/access', [], 'The access log knows no events.'),
    only('shared/record/directory', [record('log/batch', 'store')], 'The directory knows names only.'),

    // rules: what may happen; only perform/ knows the record
    only('shared/rules', ['events/', record('store', 'directory', 'tlog')], 'Rules know no views.'),
    only('shared/rules/calendar', ['events/'], 'The calendar is data and counting.'),
    {
      name: 'deciders-know-no-record',
      comment:
        'Deciders and declarations are pure, formats of keys apart; shared/rules/perform loads, decides, appends.',
      severity: 'error',
      from: { path: '^shared/rules/(?!perform/)' },
      to: { path: '^shared/(record/(?!tlog/)|rules/perform/)' },
    },

    // reading: what is shown of the record
    only(
      'shared/reading',
      [
        'events/',
        record('access', 'index', 'log', 'store', 'seal', 'tlog', 'attest/vouched', 'audit/layout'),
        'shared/rules/(?!perform/)',
      ],
      'Views and questions fold the log and give no commands.',
    ),
    {
      name: 'views-know-no-questions',
      comment: 'Views are built for every event; questions and papers are made of them.',
      severity: 'error',
      from: { path: '^shared/reading/(?!trace/|unit-file/|case-file/)' },
      to: { path: '^shared/(reading/(trace|unit-file|case-file)|record/(access|seal|tlog|audit))/' },
    },

    // clock: reads what is due and gives commands
    only(
      'shared/clock',
      ['events/', record('store', 'log'), 'shared/rules/', 'shared/reading/'],
      'A run of the clock reads what is due and gives commands.',
    ),
    {
      name: 'a-backtest-writes-nothing',
      comment: 'A backtest decides by what production decides by, on no table.',
      severity: 'error',
      from: { path: '^shared/clock/backtest/' },
      to: { path: '^shared/(record|rules/perform/(?!escalation\\.ts$))' },
    },

    only(
      'shared/import',
      ['events/', 'shared/rules/perform/import-command\\.ts$'],
      'Importers turn rows into commands.',
    ),

    only('functions', ['events/', 'shared/'], 'Functions are deployed: nothing of the local platform is in them.'),
    only('functions/runtime', ['events/', 'shared/'], 'What every function has knows none of them.'),
    only('infra/aws', ['events/', 'shared/', 'functions/'], 'The CDK app needs nothing that is for one machine.'),
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'deciders-know-no-aws',
      comment: 'The domain imports no AWS, no clock, no network.',
      severity: 'error',
      from: { path: '^(events|shared/(rules/(?!perform/)|import/))' },
      to: { path: 'node_modules/(@aws-sdk|aws-|hono|@middy)|^node:(http|net|timers)' },
    },
    {
      name: 'deployed-code-has-no-dev-dependencies',
      severity: 'error',
      from: { path: '^(events|shared|functions)/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-optional', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['type-only'],
      },
    },
    { name: 'not-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '^aws-lambda$' } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // TypeScript 7 has no compiler API yet: swc reads the sources.
    parser: 'swc',
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.json'],
    },
  },
};
