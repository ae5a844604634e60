// What the local platform runs, read from the template: functions with their environment, event source mappings, HTTP
// routes, buses, rules, the queues behind them and schedules. Whatever else the template declares (alarms, roles) has
// no counterpart on one machine.

import { parsePattern, type Pattern } from './event-filter.ts';
import type { LocalQueue } from './queues.ts';
import type { Mapping } from './streams.ts';
import type { LocalTable } from './tables.ts';
import { type Physical, referenced, resolver, resourcesOf, type Template, TemplateProblem } from './template.ts';

export interface LocalFunction {
  /** Folder under functions/, from the metadata `daocha:function`. */
  name: string;
  environment: Record<string, string>;
  /** Seconds. */
  timeout: number;
  memory: number;
  /** Reserved concurrent executions, if declared. */
  concurrency: number | undefined;
}

export interface LocalRoute {
  /** E.g. `GET /health`, `ANY /{proxy+}`, `$default`. */
  key: string;
  function: string;
}

export interface LocalRule {
  bus: string;
  pattern: Pattern;
  functions: string[];
  /** queues that it puts events into */
  queues: string[];
}

export interface LocalSchedule {
  name: string;
  function: string;
  /** ms: a pace, that of upkeep; it goes by the real time always */
  every?: number;
  /** times of the day and the week in a time zone: `cron(…)` of EventBridge Scheduler, by the clock of the campaign */
  cron?: { expression: string; timeZone: string };
  /** what the function is given in place of the scheduled event, when the target says so */
  input?: unknown;
}

export interface Model {
  functions: LocalFunction[];
  mappings: Mapping[];
  routes: LocalRoute[];
  buses: string[];
  rules: LocalRule[];
  queues: LocalQueue[];
  schedules: LocalSchedule[];
}

/** @param physical names of the tables; buses and functions are added to it */
export function readModel(
  template: Template,
  tables: readonly LocalTable[],
  physical: Map<string, Physical>,
  region?: string,
): Model {
  const resolve = resolver(template, physical, region);
  const string = (value: unknown) => String(resolve(value));

  const buses = resourcesOf(template, 'AWS::Events::EventBus').map(({ id, properties }) => {
    const name = string(properties['Name'] ?? id);
    physical.set(id, {
      ref: name,
      attributes: { Name: name, Arn: `arn:aws:events:local:000000000000:event-bus/${name}` },
    });
    return { id, name };
  });

  const functions = new Map<string, LocalFunction>();
  const declared = resourcesOf(template, 'AWS::Lambda::Function').filter(
    // Functions of the CDK's own (custom resources) carry no name of ours and have no work here.
    ({ resource }) => typeof resource.Metadata?.['daocha:function'] === 'string',
  );
  for (const { id, resource } of declared) {
    const name = String(resource.Metadata?.['daocha:function']);
    physical.set(id, {
      ref: `daocha-${name}`,
      attributes: { Arn: `arn:aws:lambda:local:000000000000:function:daocha-${name}` },
    });
  }
  for (const { id, resource, properties } of declared) {
    const variables =
      (properties['Environment'] as { Variables?: Record<string, unknown> } | undefined)?.Variables ?? {};
    const concurrency = properties['ReservedConcurrentExecutions'];
    functions.set(id, {
      name: String(resource.Metadata?.['daocha:function']),
      environment: Object.fromEntries(
        Object.entries(variables)
          .filter(([name]) => name !== 'NODE_OPTIONS') // takes effect only where Node starts
          .map(([name, value]) => [name, string(value)]),
      ),
      timeout: Number(resolve(properties['Timeout'] ?? 3)),
      memory: Number(resolve(properties['MemorySize'] ?? 128)),
      concurrency: concurrency === undefined ? undefined : Number(resolve(concurrency)),
    });
  }

  const functionIds = new Set(functions.keys());
  const functionOf = (value: unknown, what: string): LocalFunction | undefined => {
    const id = referenced(value, functionIds);
    if (id === undefined) throw new TemplateProblem(`${what} calls no function of this platform`);
    return functions.get(id);
  };

  const queueIds = new Set(resourcesOf(template, 'AWS::SQS::Queue').map(({ id }) => id));
  return {
    functions: [...functions.values()],
    mappings: readMappings(template, tables, functions, queueIds, resolve),
    routes: readRoutes(template, functionOf),
    buses: buses.map(({ name }) => name),
    rules: resourcesOf(template, 'AWS::Events::Rule')
      .filter(({ properties }) => properties['EventPattern'] !== undefined && properties['State'] !== 'DISABLED')
      .map(({ properties }) => ({
        bus:
          properties['EventBusName'] === undefined ? 'default' : string(properties['EventBusName']).split('/').at(-1)!,
        pattern: parsePattern(resolve(properties['EventPattern'])),
        functions: ((properties['Targets'] ?? []) as { Arn: unknown }[])
          .map(({ Arn }) => referenced(Arn, functionIds))
          .flatMap((id) => (id === undefined ? [] : [functions.get(id)!.name])),
        queues: ((properties['Targets'] ?? []) as { Arn: unknown }[]).flatMap(
          ({ Arn }) => referenced(Arn, queueIds) ?? [],
        ),
      })),
    queues: readQueues(template, queueIds, functionOf, resolve),
    schedules: readSchedules(template, functionOf, resolve),
  };
}

const UNITS: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** `rate(5 minutes)` in ms. @throws TemplateProblem for what this machine does not run */
export function periodOf(expression: string): number {
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  if (count === undefined || unit === undefined || Number(count) < 1) {
    throw new TemplateProblem(`schedule ${expression}: only rate(N minutes|hours|days) is run locally`);
  }
  return Number(count) * UNITS[unit]!;
}

function readSchedules(
  template: Template,
  functionOf: (value: unknown, what: string) => LocalFunction | undefined,
  resolve: (value: unknown) => unknown,
): LocalSchedule[] {
  const enabled = (type: string) =>
    resourcesOf(template, type).filter(
      ({ properties }) => properties['ScheduleExpression'] !== undefined && properties['State'] !== 'DISABLED',
    );
  const called = (id: string, { Arn, Input }: { Arn: unknown; Input?: unknown }) => ({
    name: id,
    function: functionOf(Arn, `schedule ${id}`)!.name,
    ...(Input === undefined ? {} : { input: JSON.parse(String(resolve(Input))) as unknown }),
  });
  const rules = enabled('AWS::Events::Rule').flatMap(({ id, properties }) =>
    ((properties['Targets'] ?? []) as { Arn: unknown; Input?: unknown }[]).map((target) => ({
      ...called(id, target),
      every: periodOf(String(resolve(properties['ScheduleExpression']))),
    })),
  );
  const schedules = enabled('AWS::Scheduler::Schedule').map(({ id, properties }) => {
    const expression = String(resolve(properties['ScheduleExpression']));
    const timeZone = String(resolve(properties['ScheduleExpressionTimezone'] ?? 'UTC'));
    return {
      ...called(id, properties['Target'] as { Arn: unknown; Input?: unknown }),
      ...(expression.startsWith('cron') ? { cron: { expression, timeZone } } : { every: periodOf(expression) }),
    };
  });
  return [...rules, ...schedules];
}

/** The queues that a mapping hands to a function; failure queues have none. */
function readQueues(
  template: Template,
  queueIds: ReadonlySet<string>,
  functionOf: (value: unknown, what: string) => LocalFunction | undefined,
  resolve: (value: unknown) => unknown,
): LocalQueue[] {
  return resourcesOf(template, 'AWS::Lambda::EventSourceMapping').flatMap(({ id, properties }) => {
    const name = referenced(properties['EventSourceArn'], queueIds);
    if (name === undefined || resolve(properties['Enabled']) === false) return [];
    return {
      name,
      function: functionOf(properties['FunctionName'], `mapping ${id}`)!.name,
      batchSize: Number(resolve(properties['BatchSize'] ?? 10)),
      batchingWindow: Number(resolve(properties['MaximumBatchingWindowInSeconds'] ?? 0)),
    };
  });
}

function readMappings(
  template: Template,
  tables: readonly LocalTable[],
  functions: ReadonlyMap<string, LocalFunction>,
  queueIds: ReadonlySet<string>,
  resolve: (value: unknown) => unknown,
): Mapping[] {
  const tableIds = new Map(tables.map((table) => [table.logicalId, table]));
  return resourcesOf(template, 'AWS::Lambda::EventSourceMapping').flatMap(({ id, properties }) => {
    if (referenced(properties['EventSourceArn'], queueIds) !== undefined) return []; // see readQueues
    const table = tableIds.get(referenced(properties['EventSourceArn'], new Set(tableIds.keys())) ?? '');
    const fn = functions.get(referenced(properties['FunctionName'], new Set(functions.keys())) ?? '');
    if (table === undefined || fn === undefined)
      throw new TemplateProblem(`mapping ${id} names no table and function of this platform`);
    if (table.streamArn === undefined)
      throw new TemplateProblem(`mapping ${id} reads table ${table.role}, which has no stream`);
    if (resolve(properties['Enabled']) === false) return [];
    const number = (name: string, otherwise: number) => Number(resolve(properties[name] ?? otherwise));
    const criteria = resolve(properties['FilterCriteria']) as { Filters?: { Pattern: string }[] } | undefined;
    return {
      name: `${table.role}-${fn.name}`,
      function: fn.name,
      table: table.role,
      streamArn: table.streamArn,
      batchSize: number('BatchSize', 100),
      batchingWindow: number('MaximumBatchingWindowInSeconds', 0),
      maximumRetryAttempts: number('MaximumRetryAttempts', -1),
      maximumRecordAge: number('MaximumRecordAgeInSeconds', -1),
      bisect: resolve(properties['BisectBatchOnFunctionError']) === true,
      reportsItemFailures: ((properties['FunctionResponseTypes'] ?? []) as string[]).includes(
        'ReportBatchItemFailures',
      ),
      filters: (criteria?.Filters ?? []).map((filter) => parsePattern(filter.Pattern)),
    };
  });
}

function readRoutes(
  template: Template,
  functionOf: (value: unknown, what: string) => LocalFunction | undefined,
): LocalRoute[] {
  const integrations = new Map(
    resourcesOf(template, 'AWS::ApiGatewayV2::Integration').map(({ id, properties }) => [
      id,
      properties['IntegrationUri'],
    ]),
  );
  return resourcesOf(template, 'AWS::ApiGatewayV2::Route').map(({ properties }) => {
    const key = String(properties['RouteKey']);
    const integration = referenced(properties['Target'], new Set(integrations.keys()));
    const fn = functionOf(integrations.get(integration ?? ''), `route ${key}`);
    return { key, function: fn!.name };
  });
}
