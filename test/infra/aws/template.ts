// Questions that the stack tests ask of a synthesized template.

import type { SynthesizedTemplate, TemplateResource } from '../../../infra/aws/synth.ts';

/** A template is loose JSON; the tests read it as such. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Loose = any;

export interface Found extends TemplateResource {
  id: string;
  Properties: Record<string, Loose>;
}

/** All resources of a type, with their logical ids. */
export function resources(template: SynthesizedTemplate, type: string): Found[] {
  return Object.entries(template.Resources)
    .filter(([, resource]) => resource.Type === type)
    .map(([id, resource]) => Object.assign({ id, Properties: {} }, resource));
}

/** The function or table that carries this name as metadata. */
export function named(template: SynthesizedTemplate, kind: 'function' | 'table', name: string): Found {
  const type = kind === 'function' ? 'AWS::Lambda::Function' : 'AWS::DynamoDB::Table';
  const found = resources(template, type).filter(({ Metadata }) => Metadata?.[`daocha:${kind}`] === name);
  if (found.length !== 1) throw new Error(`${found.length} ${kind}s are called ${name}`);
  return found[0]!;
}

export const list = <T>(value: T | T[] | undefined): T[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

/** The logical id behind a Ref, a GetAtt, or a Join that starts with one. */
export function target(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const intrinsic = value as Record<string, Loose>;
  return intrinsic['Ref'] ?? intrinsic['Fn::GetAtt']?.[0] ?? target(intrinsic['Fn::Join']?.[1]?.[0]);
}

export interface Statement {
  /** Logical id of the role or managed policy it stands in. */
  holder: string;
  effect: 'Allow' | 'Deny';
  actions: string[];
  resources: unknown[];
  conditions: Record<string, Loose> | undefined;
}

/** Every statement of every identity policy in the template: of policies, managed policies and roles. */
export function statements(template: SynthesizedTemplate): Statement[] {
  return [
    ...resources(template, 'AWS::IAM::Policy').flatMap(({ Properties }) =>
      list<unknown>(Properties['Roles']).flatMap((role) => read(target(role)!, Properties['PolicyDocument'])),
    ),
    ...resources(template, 'AWS::IAM::ManagedPolicy').flatMap(({ id, Properties }) =>
      read(id, Properties['PolicyDocument']),
    ),
    ...resources(template, 'AWS::IAM::Role').flatMap(({ id, Properties }) =>
      list<Loose>(Properties['Policies']).flatMap((policy) => read(id, policy.PolicyDocument)),
    ),
  ];
}

function read(holder: string, document: Loose): Statement[] {
  return list<Loose>(document?.Statement).map((statement) => ({
    holder,
    effect: statement.Effect,
    actions: list(statement.Action),
    resources: list(statement.Resource),
    conditions: statement.Condition,
  }));
}

/** What a function's role allows on a table itself (not its stream), e.g. `PutItem` or `UpdateItem on liantang#follower`. */
export function allowed(template: SynthesizedTemplate, functionName: string, tableName: string): string[] {
  const role = target(named(template, 'function', functionName).Properties['Role']);
  const table = named(template, 'table', tableName).id;
  const isTable = (resource: unknown): boolean => {
    if (resource === '*') return true;
    const attribute = (resource as Loose)?.['Fn::GetAtt'];
    return attribute
      ? attribute[0] === table && attribute[1] === 'Arn'
      : target(resource) === table && !isStream(resource);
  };
  return statements(template)
    .filter(({ holder, effect, resources: on }) => holder === role && effect === 'Allow' && on.some(isTable))
    .flatMap(({ actions, conditions }) => {
      const keys = conditions?.['ForAllValues:StringEquals'] ?? conditions?.['ForAllValues:StringLike'];
      const partitions = list<string>(keys?.['dynamodb:LeadingKeys']);
      return actions
        .map((action) => action.replace('dynamodb:', ''))
        .flatMap((action) =>
          partitions.length === 0 ? [action] : partitions.map((partition) => `${action} on ${partition}`),
        );
    })
    .toSorted();
}

const isStream = (resource: unknown): boolean => JSON.stringify(resource).includes('/stream/');

/** As sorted text, for comparing sets. */
export const sorted = (values: Iterable<unknown>): string[] => [...values].map(String).toSorted();

/** What the local platform knows a resource by. */
export const metadata = ({ Metadata }: Pick<TemplateResource, 'Metadata'>, kind: 'function' | 'table'): string =>
  String(Metadata?.[`daocha:${kind}`]);
