// What the template promises of tables, functions, mappings, bus, API and alarms, whatever the constructs look like.

import { existsSync, readdirSync, readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { matches, parsePattern } from '../../../infra/local/event-filter.ts';
import { synthesize } from '../../../infra/aws/synth.ts';
import { NOTICE_TYPES } from '../../../shared/rules/reminder/notice.ts';
import { type Loose, metadata, named, resources, sorted, statements, target } from './template.ts';

const template = synthesize();
const functions = resources(template, 'AWS::Lambda::Function');
const allMappings = resources(template, 'AWS::Lambda::EventSourceMapping');
const typeOf = (id: string | undefined) => template.Resources[id ?? '']?.Type;
/** Those that read a stream of a table. */
const mappings = allMappings.filter(
  ({ Properties }) => typeOf(target(Properties['EventSourceArn'])) === 'AWS::DynamoDB::Table',
);

/** Which tables, bus and issuer a function is told of. */
const where = (name: string) => {
  const told = Object.keys(named(template, 'function', name).Properties['Environment'].Variables);
  return sorted(told.filter((variable) => /_TABLE$|BUS_NAME|ISSUER|DOSSIERS|EVIDENCE$/.test(variable)));
};

describe('tables', () => {
  it('outlive the stack, can be restored to any second unless they must forget, cost what is used, and are encrypted', () => {
    const tables = resources(template, 'AWS::DynamoDB::Table');
    expect(tables.map(({ Metadata }) => Metadata?.['daocha:table'])).toEqual([
      'events',
      'log',
      'views',
      'access',
      'directory',
    ]);
    for (const { id, Metadata, Properties, DeletionPolicy, UpdateReplacePolicy } of tables) {
      expect({ DeletionPolicy, UpdateReplacePolicy }, id).toEqual({
        DeletionPolicy: 'Retain',
        UpdateReplacePolicy: 'Retain',
      });
      expect(Properties, id).toMatchObject({
        BillingMode: 'PAY_PER_REQUEST',
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: Metadata!['daocha:table'] !== 'directory' },
        SSESpecification: { SSEEnabled: true },
      });
    }
  });

  it.each([
    ['events', 'stream:S version:N', 'NEW_AND_OLD_IMAGES'],
    ['log', 'pk:S sk:S', 'KEYS_ONLY'],
    ['views', 'pk:S sk:S', undefined],
    ['access', 'pk:S sk:S', undefined],
    ['directory', 'pk:S sk:S', undefined],
  ])('%s has the key %s and the stream %s', (name, key, stream) => {
    const { Properties } = named(template, 'table', name);
    const types = new Map<string, string>(
      Properties['AttributeDefinitions'].map((a: Loose) => [a.AttributeName, a.AttributeType]),
    );
    const keys = Properties['KeySchema'].map((k: Loose) => `${k.AttributeName}:${types.get(k.AttributeName)}`);
    expect(keys.join(' ')).toBe(key);
    expect(Properties['StreamSpecification']?.StreamViewType).toBe(stream);
  });

  it('views have three list indexes, with everything projected', () => {
    const indexes = named(template, 'table', 'views').Properties['GlobalSecondaryIndexes'];
    expect(
      indexes.map((i: Loose) =>
        [i.IndexName, i.KeySchema.map((k: Loose) => k.AttributeName), i.Projection.ProjectionType].flat(),
      ),
    ).toEqual([
      ['lists1', 'l1', 'o1', 'ALL'],
      ['lists2', 'l2', 'o2', 'ALL'],
      ['lists3', 'l3', 'o3', 'ALL'],
    ]);
  });
});

describe('functions', () => {
  it('are exactly the folders with a handler', () => {
    const onDisk = readdirSync('functions').filter((name) => existsSync(`functions/${name}/handler.ts`));
    expect(sorted(functions.map((fn) => metadata(fn, 'function')))).toEqual(sorted(onDisk));
  });

  it('run on Node 24 on arm64, in their own log group, without X-Ray', () => {
    for (const { id, Properties } of functions) {
      expect(Properties, id).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'] });
      expect(Properties['TracingConfig'], id).toBeUndefined();
      const logs = template.Resources[Properties['LoggingConfig'].LogGroup.Ref]!;
      expect(logs.Properties, id).toMatchObject({ RetentionInDays: 365 });
    }
  });

  it('are told of no table that they may not use', () => {
    expect(where('api')).toEqual([
      'ACCESS_TABLE',
      'DAOCHA_ISSUER',
      'DIRECTORY_TABLE',
      'EVENTS_TABLE',
      'LOG_TABLE',
      'VIEWS_TABLE',
    ]);
    expect(where('sequence')).toEqual(['EVENTS_TABLE', 'LOG_TABLE']);
    expect(where('project')).toEqual(['EVENTS_TABLE', 'LOG_TABLE', 'VIEWS_TABLE']);
    expect(where('publish')).toEqual(['BUS_NAME', 'EVENTS_TABLE', 'LOG_TABLE']);
    expect(where('react')).toEqual(['DOSSIERS', 'EVENTS_TABLE', 'LOG_TABLE', 'VIEWS_TABLE']);
    expect(where('district')).toEqual([
      'ACCESS_TABLE',
      'DAOCHA_ISSUER',
      'DOSSIERS',
      'EVENTS_TABLE',
      'LOG_TABLE',
      'VIEWS_TABLE',
    ]);
    expect(where('evidence')).toEqual(['ACCESS_TABLE', 'DAOCHA_ISSUER', 'EVENTS_TABLE', 'EVIDENCE']);
    expect(where('seal')).toEqual(['LOG_TABLE']);
    expect(where('attest')).toEqual(['LOG_TABLE']);
    expect(where('docs')).toEqual([]);
  });

  it('reserve concurrency only when told to', () => {
    const reserved = (of: typeof template) =>
      resources(of, 'AWS::Lambda::Function').flatMap(({ Properties, Metadata }) =>
        'ReservedConcurrentExecutions' in Properties
          ? [`${metadata({ Metadata }, 'function')} ${Properties['ReservedConcurrentExecutions']}`]
          : [],
      );
    expect(reserved(template)).toEqual([]);
    expect(reserved(synthesize({ context: { sequencerConcurrency: 2 } }))).toEqual(['sequence 2']);
  });
});

describe('event source mappings', () => {
  const wakes = mappings.map(({ Properties }) => {
    const fn = template.Resources[target(Properties['FunctionName'])!]!;
    const table = template.Resources[target(Properties['EventSourceArn'])!]!;
    return `${metadata(table, 'table')} → ${metadata(fn, 'function')}`;
  });

  it('wake the sequencer by events, and the followers by the log', () => {
    expect(sorted(wakes)).toEqual(['events → sequence', 'log → project', 'log → publish', 'log → react', 'log → seal']);
  });

  it('try a bounded number of times for a bounded time, split a bad batch, and keep what failed in an encrypted queue', () => {
    for (const { id, Properties } of mappings) {
      expect(Properties, id).toMatchObject({
        BisectBatchOnFunctionError: true,
        ParallelizationFactor: 1,
        StartingPosition: 'TRIM_HORIZON',
      });
      expect(Properties['MaximumRetryAttempts'], id).toBeGreaterThan(0);
      expect(Properties['MaximumRetryAttempts'], id).toBeLessThanOrEqual(200);
      expect(Properties['MaximumRecordAgeInSeconds'], id).toBeGreaterThan(0);
      // well within the 24 h for which a stream keeps a record: a person can still look at it
      expect(Properties['MaximumRecordAgeInSeconds'], id).toBeLessThanOrEqual(2 * 3600);
      const queue = template.Resources[target(Properties['DestinationConfig'].OnFailure.Destination)!]!;
      expect(queue, id).toMatchObject({ Type: 'AWS::SQS::Queue', Properties: { SqsManagedSseEnabled: true } });
    }
  });

  it('followers are woken by a page of their town, not by a checkpoint, an index entry or a head', () => {
    const filters = mappings.flatMap(({ Properties }) => Properties['FilterCriteria']?.Filters ?? []);
    expect(filters).toHaveLength(4);
    for (const { Pattern } of filters) {
      const isWokenBy = (pk: string) =>
        matches(parsePattern(Pattern), { eventName: 'INSERT', dynamodb: { Keys: { pk: { S: pk } } } });
      expect(isWokenBy('liantang#page')).toBe(true);
      for (const pk of ['liantang#follower', 'liantang#at#liantang#unit#u_1', 'liantang#head', 'other#page']) {
        expect(isWokenBy(pk), pk).toBe(false);
      }
    }
  });
});

describe('sealing', () => {
  const sealing = named(template, 'function', 'seal');

  it('gathers what comes within its interval, and is told the interval and the name of the log', () => {
    const mapping = mappings.find(({ Properties }) => target(Properties['FunctionName']) === sealing.id);
    expect(mapping!.Properties).toMatchObject({ BatchSize: 1000, MaximumBatchingWindowInSeconds: 2 });
    expect(sealing.Properties['Environment'].Variables).toMatchObject({
      SEAL_SECONDS: '2',
      LOG_ORIGIN: 'daocha.invalid/liantang',
    });
    const other = synthesize({ context: { sealSeconds: 30, logOrigin: 'safety.example.cn/liantang' } });
    expect(named(other, 'function', 'seal').Properties['Environment'].Variables).toMatchObject({
      SEAL_SECONDS: '30',
      LOG_ORIGIN: 'safety.example.cn/liantang',
    });
  });

  it('is woken every few minutes as well', () => {
    const rules = resources(template, 'AWS::Events::Rule').filter(({ Properties }) =>
      Properties['Targets'].some(({ Arn }: Loose) => target(Arn) === sealing.id),
    );
    expect(rules.map(({ Properties }) => Properties['ScheduleExpression'])).toEqual(['rate(5 minutes)']);
  });

  it.each([
    ['SealRefused', 'Sum', 0],
    ['UnsealedSeconds', 'Maximum', 600],
  ])('rings on %s, under the name by which the function writes it', (metric, statistic, threshold) => {
    const { Variables } = sealing.Properties['Environment'];
    const alarm = resources(template, 'AWS::CloudWatch::Alarm').find(
      ({ Properties }) => Properties['MetricName'] === metric,
    );
    expect(alarm!.Properties).toMatchObject({
      Namespace: Variables.POWERTOOLS_METRICS_NAMESPACE,
      Dimensions: [{ Name: 'service', Value: Variables.POWERTOOLS_SERVICE_NAME }],
      Statistic: statistic,
      Threshold: threshold,
    });
  });
});

describe('dossiers', () => {
  it('lie in a bucket that nobody outside can see, that outlives the stack, and that keeps each for ten years', () => {
    const [bucket, ...others] = resources(template, 'AWS::S3::Bucket').filter(({ id }) => id.includes('Dossiers'));
    expect(others).toEqual([]);
    expect(bucket).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    expect(bucket!.Properties).toMatchObject({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      VersioningConfiguration: { Status: 'Enabled' },
      ObjectLockEnabled: true,
      ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 3650 } } },
    });
  });

  it.each([
    ['react', 's3:PutObject'],
    ['district', 's3:GetObject'],
    ['console', 's3:GetObject'],
  ])('are reached by %s with %s only, in the folder of the town', (name, right) => {
    const role = target(named(template, 'function', name).Properties['Role']);
    const own = statements(template).filter(
      ({ holder, actions, resources: on }) =>
        holder === role &&
        actions.some((action) => action.startsWith('s3:')) &&
        JSON.stringify(on).includes('Dossiers'),
    );
    expect(own.map(({ actions }) => actions)).toEqual([[right]]);
    expect(JSON.stringify(own[0]!.resources)).toMatch(/"\/dossiers\/liantang\/\*"/);
  });
});

describe('bus', () => {
  it('is a classic one with an archive', () => {
    const [bus] = resources(template, 'AWS::Events::EventBus');
    const [archive] = resources(template, 'AWS::Events::Archive');
    expect(target(archive!.Properties['SourceArn'])).toBe(bus!.id);
    expect(archive!.Properties['RetentionDays']).toBe(90);
  });
});

describe('notifying', () => {
  const notifying = named(template, 'function', 'notify');
  const rules = resources(template, 'AWS::Events::Rule');
  const mapping = allMappings.find(({ Properties }) => target(Properties['FunctionName']) === notifying.id)!;
  const queue = template.Resources[target(mapping.Properties['EventSourceArn'])!]! as Loose;

  it('is woken by the bus for what somebody is told of, through a queue that gathers for some seconds', () => {
    const [bus] = resources(template, 'AWS::Events::EventBus');
    const rule = rules.find(({ Properties }) => target(Properties['EventBusName']) === bus!.id)!;
    expect(rule.Properties['EventPattern']).toEqual({ 'detail-type': [...NOTICE_TYPES] });
    expect(rule.Properties['Targets']).toHaveLength(1);
    const [{ Arn, DeadLetterConfig }] = rule.Properties['Targets'];
    expect(template.Resources[target(Arn)!]).toBe(queue);
    expect(typeOf(target(DeadLetterConfig.Arn))).toBe('AWS::SQS::Queue');
    expect(mapping.Properties).toMatchObject({ MaximumBatchingWindowInSeconds: 5, BatchSize: 1000 });
  });

  it('has its wake-ups back while it works on them no sooner than it can have ended, and gives them up after a few times', () => {
    const { Timeout } = notifying.Properties;
    expect(queue.Properties.VisibilityTimeout).toBeGreaterThanOrEqual(6 * Timeout);
    expect(queue.Properties.RedrivePolicy.maxReceiveCount).toBe(5);
    expect(queue.Properties.SqsManagedSseEnabled).toBe(true);
  });

  it('is woken every minute as well', () => {
    const schedules = rules.filter(({ Properties }) =>
      Properties['Targets'].some(({ Arn }: Loose) => target(Arn) === notifying.id),
    );
    expect(schedules.map(({ Properties }) => Properties['ScheduleExpression'])).toEqual(['rate(1 minute)']);
  });

  it('is told where secrets and console are, and may read the channels and the mail server, no other secret', () => {
    const { Variables } = notifying.Properties['Environment'];
    expect(Variables.SECRETS).toBe('ssm:/daocha/liantang/');
    expect(JSON.stringify(Variables.DAOCHA_CONSOLE_URL)).toMatch(/ApiEndpoint.*\/console/);
    const own = synthesize({ context: { consoleSite: 'https://safety.example.gov.cn' } });
    expect(named(own, 'function', 'notify').Properties['Environment'].Variables.DAOCHA_CONSOLE_URL).toBe(
      'https://safety.example.gov.cn/console',
    );
    const role = target(notifying.Properties['Role']);
    const secrets = statements(template)
      .filter(({ holder, actions }) => holder === role && actions.some((action) => action.startsWith('ssm:')))
      .map(
        ({ actions, resources: on }) =>
          `${actions.join()} ${JSON.stringify(on)
            .match(/parameter[^"]*/g)!
            .join()}`,
      );
    expect(sorted(secrets)).toEqual([
      'ssm:GetParameter parameter/daocha/liantang/smtp',
      'ssm:GetParameter parameter/daocha/liantang/writers/notify',
      'ssm:GetParametersByPath parameter/daocha/liantang/channels',
    ]);
  });
});

describe('HTTP API', () => {
  const routes = resources(template, 'AWS::ApiGatewayV2::Route');

  it('asks for a token of the issuer on every route but health, documentation and the pages, which know a session', () => {
    const open = routes.filter(({ Properties }) => Properties['AuthorizationType'] !== 'JWT');
    expect(sorted(open.map(({ Properties }) => Properties['RouteKey']))).toEqual([
      'GET /',
      'GET /console',
      'GET /console/{proxy+}',
      'GET /docs',
      'GET /docs/{proxy+}',
      'GET /health',
      'GET /openapi.json',
      'HEAD /',
      'HEAD /console',
      'HEAD /console/{proxy+}',
      'POST /console',
      'POST /console/{proxy+}',
      'POST /v1/webhooks/districts/{district}',
    ]);
    const signed = routes.filter(({ Properties }) => Properties['AuthorizationType'] === 'JWT');
    expect(sorted(signed.map(({ Properties }) => Properties['RouteKey']))).toEqual([
      'ANY /v1/escalations',
      'ANY /v1/escalations/{proxy+}',
      'ANY /v1/evidence',
      'ANY /v1/evidence/{proxy+}',
      'ANY /v1/hazards/{id}/escalations',
      'ANY /{proxy+}',
    ]);
    const authorizer = template.Resources[target(signed[0]!.Properties['AuthorizerId'])!]!;
    expect(authorizer.Properties).toMatchObject({
      AuthorizerType: 'JWT',
      JwtConfiguration: { Issuer: 'https://issuer.example.com', Audience: ['daocha'] },
    });
  });

  const served = (key: string) => {
    const route = routes.find(({ Properties }) => Properties['RouteKey'] === key)!;
    const integration = template.Resources[route.Properties['Target']['Fn::Join'][1][1].Ref]!;
    return template.Resources[target((integration.Properties as Loose).IntegrationUri)!]!.Metadata?.['daocha:function'];
  };

  it('sends the documentation to docs, cases to district, and everything else to api', () => {
    expect(['ANY /{proxy+}', 'GET /health'].map(served)).toEqual(['api', 'api']);
    const cases = ['ANY /v1/escalations', 'ANY /v1/escalations/{proxy+}', 'ANY /v1/hazards/{id}/escalations'];
    expect(cases.map(served)).toEqual(['district', 'district', 'district']);
    expect(served('POST /v1/webhooks/districts/{district}')).toBe('district');
    expect(['GET /docs', 'GET /docs/{proxy+}', 'GET /openapi.json'].map(served)).toEqual(['docs', 'docs', 'docs']);
  });

  it('limits the rate and logs each request with its person, without query string or body', () => {
    const [stage] = resources(template, 'AWS::ApiGatewayV2::Stage');
    expect(stage!.Properties['DefaultRouteSettings']).toEqual({ ThrottlingRateLimit: 200, ThrottlingBurstLimit: 400 });
    const { DestinationArn, Format } = stage!.Properties['AccessLogSettings'];
    expect(template.Resources[target(DestinationArn)!]).toMatchObject({ Properties: { RetentionInDays: 365 } });
    expect(JSON.parse(Format)).toMatchObject({ person: '$context.authorizer.claims.sub', status: '$context.status' });
    expect(Format).not.toMatch(/query|body/i);
  });
});

describe('alarms', () => {
  const alarms = resources(template, 'AWS::CloudWatch::Alarm');
  const watches = (metric: string) => alarms.filter(({ Properties }) => Properties['MetricName'] === metric);
  const dimension = (alarm: (typeof alarms)[number]) => alarm.Properties['Dimensions'][0].Value;

  it('tell the topic, and name a section of the runbooks that exists', () => {
    const [topic] = resources(template, 'AWS::SNS::Topic');
    const headings = readFileSync('docs/runbooks.md', 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('## '))
      .map((line) =>
        line
          .slice(3)
          .trim()
          .toLowerCase()
          .replaceAll(/[^a-z0-9 -]/g, '')
          .replaceAll(' ', '-'),
      );
    for (const { id, Properties } of alarms) {
      expect(Properties['AlarmActions'].map(target), id).toEqual([topic!.id]);
      const anchor = /docs\/runbooks\.md#(\S+)$/.exec(Properties['AlarmDescription'])?.[1];
      expect(headings, id).toContain(anchor);
    }
  });

  it('watch every failure queue and the lateness of every mapping', () => {
    const queues = watches('ApproximateNumberOfMessagesVisible').map((alarm) => dimension(alarm)['Fn::GetAtt'][0]);
    const read = new Set(allMappings.map(({ Properties }) => target(Properties['EventSourceArn'])));
    const failures = resources(template, 'AWS::SQS::Queue').filter(({ id }) => !read.has(id));
    expect(sorted(queues)).toEqual(sorted(failures.map(({ id }) => id)));
    const late = watches('IteratorAge').map((alarm) => target(dimension(alarm)));
    expect(sorted(late)).toEqual(sorted(mappings.map(({ Properties }) => target(Properties['FunctionName']))));
  });

  it('watch errors and throttles of every function, and 5xx of the API', () => {
    const ids = sorted(functions.map(({ id }) => id));
    expect(sorted(watches('Errors').map((alarm) => target(dimension(alarm))))).toEqual(ids);
    expect(sorted(watches('Throttles').map((alarm) => target(dimension(alarm))))).toEqual(ids);
    expect(watches('5xx')).toHaveLength(1);
  });

  it.each(['EventsTampered', 'SequencerGap', 'EventsBackDated', 'ClockSetBackSeconds'])(
    'ring on one %s, under the name by which the sequencer writes it',
    (metric) => {
      const { Variables } = named(template, 'function', 'sequence').Properties['Environment'];
      const [alarm] = watches(metric);
      expect(alarm!.Properties).toMatchObject({
        Namespace: Variables.POWERTOOLS_METRICS_NAMESPACE,
        Dimensions: [{ Name: 'service', Value: Variables.POWERTOOLS_SERVICE_NAME }],
        Threshold: 0,
        EvaluationPeriods: 1,
        ComparisonOperator: 'GreaterThanThreshold',
        Statistic: 'Sum',
      });
    },
  );

  it('ring for every follower of the log that leaves a stream out', () => {
    const names = watches('StreamsBroken').map((alarm) => alarm.Properties['Dimensions'][0].Value);
    expect(sorted(names)).toEqual(
      sorted(
        ['project', 'publish', 'react', 'notify'].map(
          (name) => named(template, 'function', name).Properties['Environment'].Variables.POWERTOOLS_SERVICE_NAME,
        ),
      ),
    );
  });

  it('may publish on the topic although its policy is TLS only', () => {
    const [policy] = resources(template, 'AWS::SNS::TopicPolicy');
    expect(policy!.Properties['PolicyDocument'].Statement).toContainEqual(
      expect.objectContaining({
        Effect: 'Allow',
        Action: 'sns:Publish',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
      }),
    );
  });
});

describe('AWS China', () => {
  it.each([undefined, 'cn-north-1', 'cn-northwest-1', 'eu-central-1'])(
    'region %s: no literal partition anywhere',
    (region) => {
      const text = JSON.stringify(synthesize({ context: { region } }));
      expect(text).not.toMatch(/arn:aws/);
      expect(text).not.toMatch(/amazonaws\.com(?!")/); // service principals only, never an endpoint
    },
  );

  it('uses nothing that is not there', () => {
    const types = Object.values(template.Resources).map(({ Type }) => Type);
    expect(types.filter((type) => /Cognito|XRay|::Url$|SES|EventsV2/i.test(type))).toEqual([]);
    expect(JSON.stringify(template)).not.toMatch(/xray/i);
  });
});
