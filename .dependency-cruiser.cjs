// The import rules of the folders (docs/concepts.md): what may know of what. Checked by `npm run imports`.
// shared/{errors,html,json,own,pasted,text,town-time}.ts import nothing else of ours: everything may import them.
const only = (from, to, comment) => ({
  name: `${from.replaceAll('/', '-')}-imports-only`,
  comment,
  severity: 'error',
  from: { path: `^${from}/` },
  to: {
    path: '^(events|shared|functions|infra|test)/',
    pathNot: [
      `^${from}/`,
      '^shared/(errors|html|json|own|pasted|text|town-time)\\.ts$',
      ...to.map((path) => `^${path}`),
    ],
  },
});

module.exports = {
  forbidden: [
    only('events', [], 'Events know nothing of what handles them.'),
    only('shared/campaign', ['events/', 'shared/domain/'], 'The campaign is data.'),
    only('shared/calendar', ['events/'], 'The calendar is data and counting.'),
    only('shared/domain', ['events/', 'shared/calendar/'], 'Deciders are pure.'),
    only('shared/store', ['events/'], 'The store knows bytes and keys, no rules.'),
    only('shared/tlog', [], 'The formats of the transparency log know nothing of what is logged.'),
    only('shared/log', ['events/', 'shared/store/', 'shared/tlog/'], 'The log orders what is stored.'),
    only(
      'shared/timestamp',
      ['shared/tlog/', 'shared/exchange\\.ts$'],
      'Time stamps are over bytes, whatever these are.',
    ),
    only(
      'shared/witness',
      ['shared/tlog/', 'shared/exchange\\.ts$'],
      'A witness knows checkpoints and proofs, not what is logged.',
    ),
    only('shared/seal', ['shared/log/', 'shared/tlog/'], 'Sealing signs what the log has ordered; it knows no events.'),
    only(
      'shared/attest',
      ['shared/log/', 'shared/seal/', 'shared/tlog/', 'shared/timestamp/', 'shared/witness/', 'shared/exchange\\.ts$'],
      'What others say of checkpoints; it knows no events.',
    ),
    only(
      'shared/audit',
      ['events/', 'shared/store/', 'shared/log/', 'shared/tlog/', 'shared/timestamp/'],
      'Auditing compares what is stored, logged and signed; it knows no views and no rules.',
    ),
    only(
      'shared/views',
      [
        'events/',
        'shared/log/',
        'shared/store/',
        'shared/domain/(campaign|corrections|decider|escalation-age|roster|waiting)\\.ts$',
      ],
      'Views fold the log.',
    ),
    only(
      'shared/trace',
      [
        'events/',
        'shared/access/',
        'shared/calendar/',
        'shared/domain/',
        'shared/log/',
        'shared/store/',
        'shared/views/',
      ],
      'A trace folds what the log and the index of a unit name.',
    ),
    only('shared/access', [], 'The access log knows no rules and no events.'),
    only('shared/directory', ['shared/log/batch\\.ts$', 'shared/store/'], 'The directory knows names and no rules.'),
    only(
      'shared/dossier',
      [
        'events/',
        'shared/audit/layout\\.ts$',
        'shared/domain/',
        'shared/log/',
        'shared/seal/',
        'shared/store/',
        'shared/tlog/',
        'shared/trace/',
        'shared/views/',
      ],
      'A dossier tells what the log knew at a position, and proves it.',
    ),
    only(
      'shared/command',
      ['events/', 'shared/calendar/', 'shared/domain/', 'shared/store/', 'shared/campaign/', 'shared/directory/'],
      'Commands load, decide, append.',
    ),
    only(
      'shared/remind',
      [
        'events/',
        'shared/calendar/',
        'shared/domain/',
        'shared/command/',
        'shared/store/',
        'shared/log/',
        'shared/views/',
      ],
      'A run of the clock reads what is due and gives commands.',
    ),
    only(
      'shared/backtest',
      [
        'events/',
        'shared/calendar/',
        'shared/domain/',
        'shared/remind/rules\\.ts$',
        'shared/views/',
        'shared/command/escalations\\.ts$',
      ],
      'A backtest decides by what production decides by, and writes nothing.',
    ),
    only('shared/import', ['events/', 'shared/command/import-command\\.ts$'], 'Importers turn rows into commands.'),
    only('functions', ['events/', 'shared/'], 'Functions are deployed: nothing of the local platform is in them.'),
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'deciders-know-no-aws',
      comment: 'The domain imports no AWS, no clock, no network.',
      severity: 'error',
      from: { path: '^(events|shared/(calendar|domain|campaign|import))/' },
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
