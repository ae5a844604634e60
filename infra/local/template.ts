// Reads the synthesized CloudFormation template: what is declared in CDK is declared nowhere else, so tables, functions,
// event source mappings, routes and rules of the local platform all come from here. Resolves the intrinsic functions that
// a template of this project uses; resources that exist only on AWS get a plausible name, so that a reference to one resolves.

import { DaochaError } from '../../events/errors.ts';

export interface Resource {
  Type: string;
  Properties?: Record<string, unknown>;
  Metadata?: Record<string, unknown>;
  Condition?: string;
}

export interface Template {
  Parameters?: Record<string, { Type?: string; Default?: unknown }>;
  Mappings?: Record<string, Record<string, Record<string, unknown>>>;
  Conditions?: Record<string, unknown>;
  Resources: Record<string, Resource>;
}

/** What a resource is called on this machine: the value of `Ref`, and those of `Fn::GetAtt`. */
export interface Physical {
  ref: string;
  attributes: Record<string, string>;
}

export class TemplateProblem extends DaochaError {
  constructor(message: string) {
    super('template-problem', 500, `The synthesized template cannot be run locally: ${message}`);
  }
}

export const LOCAL_ACCOUNT = '000000000000';

type Json = unknown;
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Makes a function that resolves every intrinsic function within a value.
 * @param physical by logical id; may be filled later, it is read at each call
 */
export function resolver(
  template: Template,
  physical: ReadonlyMap<string, Physical>,
  region = 'us-east-1',
): (value: Json) => Json {
  const pseudo: Record<string, unknown> = {
    'AWS::Region': region,
    'AWS::Partition': 'aws',
    'AWS::AccountId': LOCAL_ACCOUNT,
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackName': 'daocha-local',
    'AWS::StackId': `arn:aws:cloudformation:${region}:${LOCAL_ACCOUNT}:stack/daocha-local/local`,
    'AWS::NoValue': undefined,
  };

  const ref = (name: string): Json => {
    if (name in pseudo) return pseudo[name];
    const parameter = template.Parameters?.[name];
    if (parameter !== undefined) {
      if (parameter.Default === undefined) throw new TemplateProblem(`parameter ${name} has no default`);
      return parameter.Default;
    }
    if (template.Resources[name] === undefined)
      throw new TemplateProblem(`it refers to ${name}, which it does not declare`);
    return physical.get(name)?.ref ?? `local-${name}`;
  };

  const attribute = (name: string, of: string): string => {
    const resource = template.Resources[name];
    if (resource === undefined) throw new TemplateProblem(`it refers to ${name}.${of}, which it does not declare`);
    const known = physical.get(name)?.attributes[of];
    if (known !== undefined) return known;
    if (of.endsWith('Endpoint')) return `https://local-${name}`;
    const service = resource.Type.split('::')[1]?.toLowerCase() ?? 'local';
    return of.endsWith('Arn') ? `arn:aws:${service}:${region}:${LOCAL_ACCOUNT}:local-${name}` : `local-${name}-${of}`;
  };

  const condition = (value: Json): boolean => {
    if (typeof value === 'string') {
      if (template.Conditions?.[value] === undefined) throw new TemplateProblem(`there is no condition ${value}`);
      return condition(template.Conditions[value]);
    }
    const [name, argument] = only(value);
    const list = Array.isArray(argument) ? argument : [];
    switch (name) {
      case 'Condition':
        return condition(argument);
      case 'Fn::Equals':
        return resolve(list[0]) === resolve(list[1]);
      case 'Fn::And':
        return list.every(condition);
      case 'Fn::Or':
        return list.some(condition);
      case 'Fn::Not':
        return !condition(list[0]);
      default:
        throw new TemplateProblem(`condition function ${name} is not known here`);
    }
  };

  const intrinsic = (name: string, argument: Json): Json => {
    const list = Array.isArray(argument) ? argument : [];
    switch (name) {
      case 'Ref':
        return ref(String(argument));
      case 'Fn::GetAtt': {
        const [of, ...path] = typeof argument === 'string' ? argument.split('.') : list.map(String);
        return attribute(of ?? '', path.join('.'));
      }
      case 'Fn::Join':
        return (resolve(list[1]) as unknown[]).map(String).join(String(list[0]));
      case 'Fn::Split':
        return String(resolve(list[1])).split(String(list[0]));
      case 'Fn::Select':
        return (resolve(list[1]) as unknown[])[Number(resolve(list[0]))];
      case 'Fn::If':
        return resolve(condition(String(list[0])) ? list[1] : list[2]);
      case 'Fn::FindInMap': {
        const [map, first, second] = list.map((part) => String(resolve(part)));
        return template.Mappings?.[map ?? '']?.[first ?? '']?.[second ?? ''];
      }
      case 'Fn::Base64':
        return Buffer.from(String(resolve(argument))).toString('base64');
      case 'Fn::Sub': {
        const [text, given] =
          typeof argument === 'string' ? [argument, {}] : (list as [string, Record<string, unknown>]);
        return text.replaceAll(/\$\{(!?)([^}]+)\}/g, (_all, literal: string, key: string) => {
          if (literal) return `\${${key}}`;
          if (key in given) return String(resolve(given[key]));
          const dot = key.indexOf('.');
          return String(dot < 0 ? ref(key) : attribute(key.slice(0, dot), key.slice(dot + 1)));
        });
      }
      default:
        throw new TemplateProblem(`function ${name} is not known here`);
    }
  };

  const resolve = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(resolve).filter((item) => item !== undefined);
    if (!isObject(value)) return value;
    const keys = Object.keys(value);
    const key = keys[0];
    if (keys.length === 1 && key !== undefined && (key === 'Ref' || key.startsWith('Fn::'))) {
      return intrinsic(key, value[key]);
    }
    return Object.fromEntries(
      Object.entries(value)
        .map(([name, inner]) => [name, resolve(inner)] as const)
        .filter(([, inner]) => inner !== undefined),
    );
  };
  return resolve;
}

function only(value: Json): [string, Json] {
  const entries = isObject(value) ? Object.entries(value) : [];
  if (entries.length !== 1 || entries[0] === undefined)
    throw new TemplateProblem('a condition has not exactly one function');
  return entries[0];
}

/** Resources of a type, in the template's order. */
export function resourcesOf(
  template: Template,
  type: string,
): { id: string; resource: Resource; properties: Record<string, unknown> }[] {
  return Object.entries(template.Resources)
    .filter(([, resource]) => resource.Type === type)
    .map(([id, resource]) => ({ id, resource, properties: resource.Properties ?? {} }));
}

/**
 * The logical id behind a reference (`Ref`, `Fn::GetAtt`, or one of them within `Fn::Join` or `Fn::Sub`), among those asked for.
 * Used to see which table a mapping reads and which function a route calls.
 */
export function referenced(value: Json, among: ReadonlySet<string>): string | undefined {
  if (typeof value === 'string') return among.has(value) ? value : undefined;
  if (Array.isArray(value)) {
    for (const item of value) {
      const found = referenced(item, among);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (!isObject(value)) return undefined;
  if (typeof value['Fn::Sub'] === 'string') {
    for (const match of value['Fn::Sub'].matchAll(/\$\{([^.}!]+)[^}]*\}/g)) {
      if (among.has(match[1] ?? '')) return match[1];
    }
  }
  if (typeof value['Fn::GetAtt'] === 'string') return referenced(value['Fn::GetAtt'].split('.')[0], among);
  return referenced(Object.values(value), among);
}
