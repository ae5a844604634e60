// The OpenAPI 3.1 document, made from the route table and the very zod schemas that validate. Schemas with an id become components.
// Only the docs function and tests use this: the API itself does not carry it.
import * as z from 'zod';
import { isLonger } from '../../events/field.ts';
import { patternFor } from '../../shared/text.ts';
import { zodDefinition } from './characters.ts';
import { problemSchema } from './problems.ts';
import { PERMISSIONS } from './permissions.ts';
import type { Route, Tag } from './route.ts';
import { ROUTE_NAMES, ROUTES } from './routes.ts';

const TAGS: Record<Tag, string> = {
  units: '单位/场所 Units',
  inspections: '检查 Inspections',
  hazards: '隐患，从定级到销项，总是最新 Hazards, from grading to sign-off, always fresh',
  evidence: '证据：先登记哈希，再放入文件 Evidence: announced by its hash, then put',
  deadlines: '期限与报表：提醒由时钟发出 Deadlines and reports: reminders are issued by the clock',
  duties: '应办事项：方案所要求的每一件事 Duties: what the plan asks to be done, as data',
  roster: '名册：组织、任命与监管责任人 The roster: organisations, appointments, supervisors',
  directory: '人员名录：可删除的姓名与电话 The directory: names and telephone numbers, which can be erased',
  escalations: '上报区级：超出镇级权限或能力的案件 Escalations: cases beyond the town',
  views: '页面与清单，截至某一日志位置 Pages and lists, as of a log position',
  campaign: '专项行动 The campaign',
  trace: '责任倒查，按当时所知 Tracing responsibility backward, as known at any moment',
  imports: '台账导入 Imports of registers',
  log: '透明日志：检查点、树、证明 The transparency log: checkpoints, its tree, proofs',
  proposals:
    '待确认事项：须由第二人凭本人令牌确认 Proposals: acts that a second person confirms by a token of their own',
  platform: '平台 The platform itself',
};

/** What may go wrong, by status; which of them a route can answer follows from its kind. */
const PROBLEMS: Record<number, string> = {
  400: 'a field, parameter or header is wrong: `errors` names each',
  401: 'no token, or one that cannot be trusted',
  403: "not allowed to the caller's roles (`forbidden`) or organisation (`foreign-organisation`)",
  404: 'what the path or the body names does not exist',
  409: 'others wrote first, again and again: send it again',
  413: 'over a size limit',
  415: 'the body is not application/json',
  422: 'a rule forbids it in the present state; `idempotency-key-reused`: the key was used with another body',
  500: 'a defect on our side, which is logged under `correlation`; nothing is known to be stored: send it again',
  503: 'the store is busy: send it again',
  504: 'the view has not seen `atLeast` yet',
};

type Json = Record<string, unknown>;

/** Problems that come with a header, and what it says. */
const PROBLEM_HEADERS: Record<number, [name: string, description: string]> = {
  401: ['WWW-Authenticate', 'what is wrong with the token (RFC 6750)'],
  409: ['Retry-After', 'seconds'],
  503: ['Retry-After', 'seconds'],
  504: ['Retry-After', 'seconds'],
};

/** The whole document. @param version of daocha */
export function openApiDocument(version: string): Json {
  const components: Json = {};
  const paths: Record<string, Json> = {};
  for (const name of ROUTE_NAMES) {
    const route: Route = ROUTES[name];
    const item = (paths[route.path] ??= {});
    item[route.method.toLowerCase()] = operation(name, route, components);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: '倒查 daocha',
      version,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description:
        '乡镇安全专项整治的命令与查询。发生过的一切作为事件只存一次；命令增加事件，查询读取由事件计算出的视图。每个命令带 `Idempotency-Key`：' +
        '同一个键、同样的内容只执行一次。所有错误均为 `application/problem+json`（RFC 9457）。名称和编号中不能有控制、格式和自定义字符（Cc、Cf、Co），必填的文字至少有一个看得见的字；' +
        '较长的文字可以有换行、制表符和表情；一律为 UTF-8，同一对象的键不重复，整数不超过 2^53。\n\n' +
        "Commands and queries of a town's safety campaign. What happened is stored once as events; commands add events, queries read " +
        'what was computed from them. Every command takes an `Idempotency-Key`: the same key with the same body is done once. ' +
        'Every error is `application/problem+json` (RFC 9457). Names, and what identifies, have no control, format or private ' +
        'characters (Unicode Cc, Cf, Co), and a text that must not be empty has at least one that is seen; longer texts take line feeds, tabs and emoji. ' +
        'What is not UTF-8, and half a character (a lone surrogate), is refused everywhere. The problem then names the field, and the character by its ' +
        'code in `character`. So are a key that an object has twice, and a number that no double holds.',
    },
    tags: Object.entries(TAGS).map(([tag, description]) => ({ name: tag, description })),
    security: [{ token: [] }],
    paths,
    components: {
      schemas: sorted(components),
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'a token of the configured OIDC issuer with the claims sub, roles, org and post',
        },
      },
    },
  };
}

function operation(name: string, route: Route, components: Json): Json {
  const may: Partial<Record<string, string>> = route.action === 'public' ? {} : PERMISSIONS[route.action];
  const scopes = Object.entries(may).map(([role, scope]) => `${role} (${scope})`);
  const asked = scopes.length > 0 ? `Allowed to: ${scopes.join(', ')}.` : '';
  return {
    operationId: name,
    tags: [route.tag],
    summary: `${route.zh} ${route.summary}`,
    description: [route.description, asked].filter(Boolean).join('\n\n'),
    ...(route.action === 'public' ? { security: [] } : {}),
    parameters: [
      ...parameters('path', route.params, components),
      ...parameters('query', route.query, components),
      ...(route.signed ? SIGNED_HEADERS : route.kind === 'command' ? COMMAND_HEADERS : []),
      ...(route.access ? [GROUND_HEADER] : []),
      CORRELATION_HEADER,
    ],
    ...(route.kind === 'command' ? { requestBody: requestBody(route, components) } : {}),
    responses: { ...answers(route, components), ...problems(route, components) },
  };
}

const header = (name: string, description: string, schema: Json) => ({
  name,
  in: 'header',
  required: false,
  description,
  schema,
});
const CORRELATION_HEADER = header(
  'X-Correlation-Id',
  'follows the request into logs and events: up to 128 visible ASCII characters. Made up when it is absent or anything else: no request is refused for it',
  { type: 'string' },
);
const GROUND_HEADER = header(
  'X-Access-Ground',
  'on what ground it is read (查阅事由): goes into the access log. An auditor must say it, except for lists. Percent-encoded UTF-8 where it is not ASCII',
  { type: 'string', pattern: '^[\\x20-\\x7e]{1,2000}$', examples: ['case-2025-17', '%E5%80%92%E6%9F%A5'] },
);
const COMMAND_HEADERS = [
  header('Idempotency-Key', 'a repeated command has the same one; made up, and told in the answer, when absent', {
    type: 'string',
    pattern: '^[\\x21-\\x7e]{1,128}$',
    examples: ['7f1c2f0e-5a3b-4c55-9a0e-0d8a1f0c9a11'],
  }),
  header('Prefer', '`wait=N`: answer only when the views show it, N seconds (10 at most) at the latest', {
    type: 'string',
    examples: ['wait=5'],
  }),
];

const signedHeader = (name: string, description: string) => ({
  ...header(name, description, { type: 'string' }),
  required: true,
});
const SIGNED_HEADERS = [
  signedHeader('webhook-id', 'of the delivery; the same when it is sent again'),
  signedHeader('webhook-timestamp', 'seconds since 1970'),
  signedHeader('webhook-signature', '`v1,` and the base64 of HMAC-SHA-256 over `<id>.<timestamp>.<body>`'),
];

function parameters(place: 'path' | 'query', schema: z.ZodObject, components: Json): Json[] {
  const { properties = {}, required = [] } = jsonSchema(schema, 'input', components) as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...rest }]) => {
    const parameter: Json = { name, in: place, required: place === 'path' || required.includes(name), schema: rest };
    if (description) parameter['description'] = description;
    return parameter;
  });
}

function requestBody(route: Route, components: Json): Json {
  const media: Json = { schema: jsonSchema(route.body, 'input', components, true) };
  if (route.example !== undefined) media['example'] = route.example;
  return {
    // none counts as an empty one
    required: !route.body.safeParse({}).success,
    description: `at most ${route.bodyLimit / 1024} KB`,
    content: { 'application/json': media },
  };
}

const JSON_TYPE = 'application/json';

/** A header that an answer always has. */
const answerHeader = (name: string, description?: string): Json => ({
  [name]: { ...(description && { description }), required: true, schema: { type: 'string' } },
});

function answers(route: Route, components: Json): Json {
  return Object.fromEntries(
    Object.entries(route.answers).map(([status, { description, schema }]) => [
      status,
      {
        description,
        headers: {
          ...answerHeader('X-Correlation-Id'),
          ...(status === '201' ? answerHeader('Location', 'path of what is new') : {}),
          ...(route.kind === 'command' && !route.signed ? answerHeader('Idempotency-Key') : {}),
        },
        content: Object.fromEntries(
          [status === '200' ? (route.produces ?? JSON_TYPE) : JSON_TYPE]
            .flat()
            .map((type) => [type, { schema: jsonSchema(schema, 'output', components) }]),
        ),
      },
    ]),
  );
}

function problems(route: Route, components: Json): Json {
  const own = route.problems ?? {};
  const statuses = new Set([500, 503, ...Object.keys(own).map(Number)]);
  const add = (...more: number[]) => more.forEach((status) => statuses.add(status));
  if (route.action !== 'public' || route.signed) add(400, 401, 403);
  if (route.kind === 'command') add(409, 413, 415, 422);
  if (route.path.includes('{') || route.kind === 'command') add(404);
  if ('atLeast' in route.query.shape) add(504);
  const schema = jsonSchema(problemSchema, 'output', components);
  return Object.fromEntries(
    [...statuses]
      .filter((status) => !(status in route.answers))
      .map((status) => [
        status,
        {
          description: own[status] ?? PROBLEMS[status],
          headers: {
            ...answerHeader('X-Correlation-Id'),
            ...(PROBLEM_HEADERS[status] && !(status === 401 && route.signed)
              ? answerHeader(...PROBLEM_HEADERS[status])
              : {}),
          },
          content: { 'application/problem+json': { schema } },
        },
      ]),
  );
}

/**
 * A zod schema as JSON Schema (draft 2020-12, the dialect of OpenAPI 3.1); what has an id moves to the components.
 * @param written is to be recorded: what characters.ts refuses in it is said too
 */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output', components: Json, written = false): Json {
  const {
    $schema: _,
    $defs = {},
    ...own
  } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema: made }) => {
      // The formats say it already; zod's patterns for them fill half a screen each.
      if (made.format === 'date' || made.format === 'date-time' || made.type === 'integer') delete made.pattern;
      if (made.format === 'date-time') {
        const { offset, precision } = zodDefinition(zodSchema) as { offset?: boolean; precision?: number | null };
        if (!offset) made.pattern = precision === 3 ? '\\.\\d{3}Z$' : 'Z$';
      }
      if (written && made.type === 'string') made.pattern ??= charactersOf(zodSchema, made);
      if (made.pattern === undefined) delete made.pattern;
      // what shared/json.ts refuses of numbers
      if (written && made.type === 'number') {
        made.minimum ??= Number.MIN_SAFE_INTEGER;
        made.maximum ??= Number.MAX_SAFE_INTEGER;
      }
    },
  }) as Json & { $defs?: Record<string, Json> };
  for (const [name, definition] of Object.entries($defs)) components[name] = pointed(withoutId(definition));
  const { id } = own;
  if (typeof id !== 'string') return pointed(own);
  components[id] = pointed(withoutId(own));
  return { $ref: `#/components/schemas/${id}` };
}

/** The characters that a text may have, as characters.ts has it, and that something is seen of what must not be empty. */
function charactersOf(
  schema: z.core.$ZodType,
  { format, enum: values, const: value, minLength }: Json,
): string | undefined {
  if (format !== undefined || values !== undefined || value !== undefined) return undefined;
  return patternFor(isLonger(schema) ? 'text' : 'name', Number(minLength) > 0);
}

function withoutId(schema: Json): Json {
  const { id: _id, ...rest } = schema;
  return rest;
}

/** `#/$defs/X` → `#/components/schemas/X`, at any depth. */
function pointed(value: Json): Json {
  return JSON.parse(JSON.stringify(value).replaceAll('"#/$defs/', '"#/components/schemas/')) as Json;
}

function sorted(value: Json): Json {
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
