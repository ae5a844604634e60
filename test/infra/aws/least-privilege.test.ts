// Who may do what, computed over every identity policy of the template.

import { describe, expect, it } from 'vitest';

import { FUNCTIONS } from '../../../infra/aws/constructs/bundling.ts';
import { FORBIDDEN_ON_EVENTS } from '../../../infra/aws/constructs/tables.ts';
import { synthesize } from '../../../infra/aws/synth.ts';
import { WRITERS } from '../../../functions/runtime/variables.ts';
import { allowed, list, named, resources, sorted, statements, target } from './template.ts';

const template = synthesize();
const READ = ['BatchGetItem', 'GetItem', 'Query'];

describe('rights on the tables', () => {
  const table: [fn: string, on: string, rights: string[]][] = [
    ['api', 'events', ['BatchGetItem', 'PutItem', 'Query']],
    [
      'api',
      'log',
      [
        'BatchGetItem',
        'GetItem',
        'PutItem on liantang#cosignature',
        'PutItem on liantang#to-archive',
        'PutItem on liantang#unit-name',
        'Query',
      ],
    ],
    ['api', 'views', ['BatchGetItem', 'GetItem', 'Query']],
    ['api', 'access', ['PutItem', 'Query']],
    ['console', 'events', ['BatchGetItem', 'PutItem', 'Query']],
    ['console', 'log', ['BatchGetItem', 'GetItem', 'PutItem on liantang#unit-name', 'Query']],
    ['console', 'views', ['BatchGetItem', 'GetItem', 'Query']],
    ['console', 'access', ['GetItem on liantang#session', 'PutItem']],
    ['console', 'directory', ['BatchGetItem']],
    ['api', 'directory', ['BatchGetItem', 'GetItem', 'PutItem']],
    ['sequence', 'events', ['BatchGetItem', 'Query']],
    [
      'sequence',
      'log',
      ['BatchGetItem', 'BatchWriteItem', 'DeleteItem on liantang#quarantine', 'GetItem', 'PutItem', 'Query'],
    ],
    ['sequence', 'views', []],
    ['project', 'events', ['BatchGetItem']],
    ['project', 'log', ['GetItem', 'Query', 'UpdateItem on liantang#follower']],
    ['project', 'views', ['BatchGetItem', 'BatchWriteItem', 'GetItem', 'PutItem']],
    [
      'remind',
      'events',
      [
        'BatchGetItem',
        'PutItem on liantang#duty#*',
        'PutItem on liantang#escalation#*',
        'PutItem on liantang#hazard#*',
        'PutItem on liantang#proposal#*',
        'PutItem on liantang#report#*',
        'Query',
      ],
    ],
    ['remind', 'log', ['GetItem', 'UpdateItem on liantang#marker']],
    ['remind', 'views', ['GetItem', 'Query']],
    ['notify', 'events', ['BatchGetItem', 'PutItem on liantang#delivery#*', 'Query']],
    [
      'notify',
      'log',
      [
        'BatchWriteItem on liantang#outbox',
        'DeleteItem on liantang#outbox',
        'GetItem',
        'PutItem on liantang#outbox',
        'Query',
        'UpdateItem on liantang#follower',
      ],
    ],
    ['notify', 'views', ['BatchGetItem', 'GetItem']],
    ['publish', 'events', ['BatchGetItem']],
    ['publish', 'log', ['GetItem', 'Query', 'UpdateItem on liantang#follower']],
    ['publish', 'views', []],
    ['seal', 'events', []],
    ['seal', 'log', ['BatchWriteItem on liantang#tile', 'GetItem', 'PutItem on liantang#checkpoint', 'Query']],
    ['seal', 'views', []],
    ['react', 'events', ['BatchGetItem', 'PutItem on liantang#duty#*', 'PutItem on liantang#escalation#*', 'Query']],
    [
      'react',
      'log',
      ['BatchGetItem', 'GetItem', 'Query', 'UpdateItem on liantang#follower', 'UpdateItem on liantang#marker'],
    ],
    ['react', 'views', ['BatchGetItem', 'GetItem', 'Query']],
    ['district', 'events', ['BatchGetItem', 'PutItem on liantang#escalation#*', 'Query']],
    ['district', 'log', ['GetItem', 'BatchGetItem', 'Query']],
    ['district', 'views', ['BatchGetItem', 'GetItem', 'Query']],
    ['district', 'access', ['PutItem']],
    ['index', 'events', ['BatchGetItem', 'PutItem on liantang#index#*', 'Query']],
    ['index', 'log', ['BatchWriteItem on liantang#index', 'GetItem', 'PutItem on liantang#index', 'Query']],
    ['index', 'views', []],
    ['attest', 'events', []],
    [
      'attest',
      'log',
      [
        'DeleteItem on liantang#to-archive',
        'GetItem',
        'PutItem on liantang#attest',
        'PutItem on liantang#cosignature',
        'PutItem on liantang#timestamp',
        'PutItem on liantang#to-archive',
        'Query',
      ],
    ],
    ['attest', 'views', []],
    ['docs', 'events', []],
    ['docs', 'log', []],
    ['docs', 'views', []],
  ];
  it.each(table)('%s on %s: %j', (fn, on, rights) => {
    expect(allowed(template, fn, on)).toEqual(rights.toSorted());
  });

  it.each([
    ['access', ['api', 'console', 'district', 'evidence']],
    ['directory', ['api', 'console']],
  ])('only those whom people ask touch the table %s', (kept, asked) => {
    for (const fn of FUNCTIONS) expect(allowed(template, fn, kept).length > 0, fn).toBe(asked.includes(fn));
  });

  it('only the projection writes views', () => {
    for (const fn of FUNCTIONS) {
      const writes = allowed(template, fn, 'views').filter((right) => !READ.includes(right));
      expect(writes.length > 0, fn).toBe(fn === 'project');
    }
  });
});

describe('stored events cannot be changed', () => {
  it('no role may update or delete events, and only who carries out commands or records what became of messages may put them', () => {
    for (const fn of FUNCTIONS) {
      const rights = allowed(template, fn, 'events');
      expect(
        rights.filter((right) => !['PutItem', ...READ].includes(right.split(' ')[0]!)),
        fn,
      ).toEqual([]);
      expect(
        rights.some((right) => right.startsWith('PutItem')),
        fn,
      ).toBe(WRITERS.includes(fn as (typeof WRITERS)[number]));
    }
  });

  it('no statement allows an action by wildcard, or on every resource', () => {
    for (const { holder, effect, actions, resources: on } of statements(template)) {
      if (effect !== 'Allow') continue;
      expect(
        actions.filter((action) => action.includes('*')),
        holder,
      ).toEqual([]);
      expect(on, holder).not.toContain('*');
    }
  });

  it('every role carries an explicit deny, and no role stands outside of the functions and their schedules', () => {
    const denies = statements(template).filter(({ effect }) => effect === 'Deny');
    expect(denies).toHaveLength(1);
    expect(denies[0]!.actions).toEqual(FORBIDDEN_ON_EVENTS);
    expect(denies[0]!.resources.map(target)).toEqual(
      ['events', 'access'].map((table) => named(template, 'table', table).id),
    );
    const roles = resources(template, 'AWS::IAM::Role');
    const ofFunctions = FUNCTIONS.map((fn) => target(named(template, 'function', fn).Properties['Role']));
    const ofSchedules = new Set(
      resources(template, 'AWS::Scheduler::Schedule').map(({ Properties }) => target(Properties['Target'].RoleArn)),
    );
    expect(sorted(roles.map(({ id }) => id))).toEqual(sorted([...ofFunctions, ...ofSchedules]));
    for (const { id, Properties } of roles) {
      expect(list(Properties['ManagedPolicyArns']).map(target), id).toEqual([denies[0]!.holder]);
    }
  });

  it.each(['events', 'access'])(
    'the table %s itself denies it to every principal, administrators included',
    (table) => {
      const policy = named(template, 'table', table).Properties['ResourcePolicy'].PolicyDocument.Statement;
      expect(policy).toEqual([
        expect.objectContaining({ Effect: 'Deny', Principal: { AWS: '*' }, Action: FORBIDDEN_ON_EVENTS }),
      ]);
      expect(FORBIDDEN_ON_EVENTS).toEqual(
        expect.arrayContaining(['dynamodb:UpdateItem', 'dynamodb:DeleteItem', 'dynamodb:BatchWriteItem']),
      );
    },
  );

  it('a place whose DynamoDB has no resource policies can do without, and keeps the deny of the roles', () => {
    const without = synthesize({ context: { eventsPolicy: 'false' } });
    for (const table of ['events', 'access']) {
      expect(named(without, 'table', table).Properties['ResourcePolicy'], table).toBeUndefined();
    }
    expect(statements(without).filter(({ effect }) => effect === 'Deny')).toHaveLength(1);
  });
});

it('only publish may put events on the bus', () => {
  const holders = statements(template)
    .filter(({ actions }) => actions.includes('events:PutEvents'))
    .map(({ holder }) => holder);
  expect(holders).toEqual([target(named(template, 'function', 'publish').Properties['Role'])]);
});
