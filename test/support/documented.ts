// Compares answers with the OpenAPI document: status, content type, headers and every field. The harnesses of the API's tests pass all that
// they receive through here, so that a route which answers otherwise than it is described fails the first test that comes by it.
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { openApiDocument } from '../../functions/api/openapi.ts';
import type { Route } from '../../functions/api/route.ts';
import { ROUTE_NAMES, ROUTES } from '../../functions/api/routes.ts';

import type { Command } from '../../shared/rules/command.ts';
import { COMMANDS } from '../../shared/rules/commands.ts';
import { own } from '../../shared/own.ts';
import { LEDGER } from './recorded-by.ts';

interface Received {
  status: number;
  headers: Record<string, string | undefined>;
  /** parsed where it is JSON */
  body: unknown;
}
interface Described {
  headers?: Record<string, { required?: boolean; schema: object }>;
  content?: Record<string, object>;
}

const DOCUMENT = 'openapi';
// oxlint-disable-next-line typescript/no-explicit-any
const document: any = openApiDocument('0.0.0');
const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addFormat('binary', true);
ajv.addSchema(document, DOCUMENT);
const compiled = new Map<string, ValidateFunction>();

const routes = ROUTE_NAMES.map((name) => ({ name, route: ROUTES[name] as Route, at: pattern(ROUTES[name]) }))
  // a path that is written out goes before one with parameters, as in the router
  .toSorted((a, b) => Number(a.route.path.includes('{')) - Number(b.route.path.includes('{')));

function pattern({ path, greedy }: Route): RegExp {
  const parts = path.replaceAll(/\{\w+\}/g, '[^/]+').replace(/\[\^\/\]\+$/, greedy ? '.+' : '[^/]+');
  return new RegExp(`^${parts}/?$`);
}

const pointer = (...parts: string[]): string =>
  `#/${parts.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;

function faultsOf(at: string, value: unknown): string[] {
  let check = compiled.get(at);
  if (!check) compiled.set(at, (check = ajv.compile({ $ref: `${DOCUMENT}${at}` })));
  if (check(value)) return [];
  return (check.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath || '(all of it)'} ${message} ${JSON.stringify(params)}`,
  );
}

const PROBLEM = pointer('components', 'schemas', 'Problem');
const PROBLEM_TYPE = 'application/problem+json';

/** Events that a command recorded and does not say that it records (shared/rules/<noun>/commands.ts). */
function undeclared(name: string, body: unknown): string[] {
  const command = own<Command>(COMMANDS, name);
  // an act that needs a second person may be put forward instead, and is what its confirmation records
  const seconds = Object.values<Command>(COMMANDS).filter((one) => one.second);
  const confirmed = name === 'confirmProposal' ? seconds.flatMap(({ records }) => records) : [];
  const put = command?.second ? ['ProposalMade', 'ProposalConfirmed'] : [];
  const known = new Set<string>([...(command?.records ?? []), ...LEDGER, ...confirmed, ...put]);
  const { events = [] } = body as { events?: { type: string }[] };
  const unknown = command ? events.filter(({ type }) => !known.has(type)) : [];
  return unknown.map(({ type }) => `${name} recorded ${type}, which its declaration lacks in \`records\``);
}

/** What in an answer is not as the document says, in words; empty when all is. @param path without query */
export function undocumented(method: string, path: string, { status, headers, body }: Received): string[] {
  const type = headers['content-type'] ?? '';
  const asked = method === 'HEAD' ? 'GET' : method;
  const found = routes.find(({ route, at }) => route.method === asked && at.test(path));
  if (!found) {
    // no operation: the router itself answers
    if (status !== 404 && status !== 405) return [`status ${status} where there is no operation`];
    if (type !== PROBLEM_TYPE) return [`content type ${type}, expected ${PROBLEM_TYPE}`];
    return method === 'HEAD' ? [] : faultsOf(PROBLEM, body);
  }
  const { name, route } = found;
  const keys = ['paths', route.path, route.method.toLowerCase(), 'responses', String(status)];
  const described = document.paths[route.path][route.method.toLowerCase()].responses[status] as Described | undefined;
  const faults: string[] = [];
  if (!described) return [`${name}: status ${status} is not described`];
  for (const [header, { required, schema }] of Object.entries(described.headers ?? {})) {
    const value = headers[header.toLowerCase()];
    if (value === undefined && required) faults.push(`${name} ${status}: the header ${header} is missing`);
    if (value !== undefined && 'type' in schema && schema.type === 'string') {
      faults.push(...faultsOf(pointer(...keys, 'headers', header, 'schema'), value).map((one) => `${header}: ${one}`));
    }
  }
  const known = Object.keys(described.content ?? {});
  if (!known.includes(type))
    return [...faults, `${name} ${status}: content type ${type}, described is ${known.join()}`];
  if (method === 'HEAD') return faults;
  if (status < 300) faults.push(...undeclared(name, body));
  const shown = Buffer.isBuffer(body) ? body.toString('latin1') : body;
  return [
    ...faults,
    ...faultsOf(pointer(...keys, 'content', type, 'schema'), shown).map((one) => `${name} ${status}: ${one}`),
  ];
}

/** @throws Error that tells every difference from the document */
export function expectDocumented(method: string, path: string, received: Received): void {
  const faults = undocumented(method, path, received);
  if (faults.length === 0) return;
  throw new Error(
    `${method} ${path} answers otherwise than the OpenAPI document says:\n${faults.slice(0, 20).join('\n')}\n${JSON.stringify(received.body)?.slice(0, 1500)}`,
  );
}
