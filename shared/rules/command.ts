// How a command is declared, once, beside its decider. Derived from it: the route with its body and its entry in
// OpenAPI (functions/api/route.ts), the handler (functions/api/handlers/command-handler.ts, shared/rules/perform/perform.ts), the row of
// the permission table (functions/api/permissions.ts), what an answer lists as allowed, and the
// form of the console (functions/console/act-form.ts). Declarations are pure: the documentation carries them. A test
// names what nothing records and what no form asks for.
import * as z from 'zod';
import type { DaochaEvent, EventType } from '../../events/catalogue.ts';
import { idSchema, type Actor, type Category, type Evidence } from '../../events/envelope.ts';
import { circumstances, evidence } from './asked.ts';
import type { CampaignState } from './campaign/campaign.ts';
import type { Claim } from './claimed-time.ts';
import type { Drafts, Fold } from './decider.ts';
import type { RoleScopes } from './roles.ts';

/** By whom and when something is decided. */
export interface By<State = unknown> {
  actor: Actor;
  campaign: CampaignState;
  /** as claimed; now, when nothing else is claimed */
  occurredAt: string;
  now: string;
  /** the claim of another time, where there is one */
  claim: Claim | undefined;
  /** files that show it */
  evidence: readonly Evidence[];
  /** the other thing of the same kind that the command is about (`other`) */
  other?: State | undefined;
}

/** What the console's form says; its fields are those of `takes`, unless a page makes them (functions/console/pages). */
export interface Form {
  /** last part of its address, when it is not that of the command's own path */
  path?: string;
  /** what leads to it; the command's Chinese name unless said otherwise */
  name?: string;
  /** the same where it is not the next step */
  again?: string;
  /** what the button says; its name unless said otherwise */
  button?: string;
  /** what the page says afterwards */
  done: string;
  /** a sentence above the fields */
  intro?: string;
  /** fields that the form asks for although the body may lack them: the refusal without one says more than a form can */
  must?: readonly string[];
  /** by the name of the field */
  hints?: Readonly<Record<string, string>>;
  /** not easily undone */
  weighty?: true;
}

/** Whom an act needs beside its caller. */
export interface Second {
  who: RoleScopes;
  /** only what records this; all of it unless said otherwise */
  when?: (drafts: Drafts) => boolean;
}

/** A form; or why there is none, or none that could be made from this: `own` names the page that asks for it. */
export type AskedForm = Form | `none: ${string}` | `own: ${string}`;

export interface Command<
  Takes extends z.ZodType = z.ZodType,
  Action extends string = string,
  Allowed extends RoleScopes = RoleScopes,
  Params extends z.ZodObject = z.ZodObject,
> {
  category: Category;
  /** the event types that it may record; what follows from them at the unit comes beside (test/support/recorded-by.ts) */
  records: readonly EventType[];
  zh: string;
  summary: string;
  description?: string;
  /** of its route: `/v1/units/{id}/plates` */
  path: string;
  params: Params;
  /** what the caller needs leave for, and which roles have it */
  action: Action;
  who: Allowed;
  /** by whose token it is confirmed before it is recorded (shared/rules/proposal); absent: at once, by the caller alone */
  second?: Second;
  /** what is asked for; the body is this with evidence and circumstances */
  takes: Takes;
  /** of a body */
  example: unknown;
  /** files may be named that show it */
  evidence: boolean;
  /** no circumstances are taken: it holds from now on */
  bare: boolean;
  /** what is new after it: then it answers 201 with a Location */
  creates?: string;
  /** the acts of the hazard, or of the case, that it is (`allowed` of the answer) */
  acts: readonly string[];
  form: AskedForm;
}

/** A command on one thing that exists: decided on its state, carried out by `perform`. */
export interface Decided<
  State = unknown,
  Takes extends z.ZodType = z.ZodType,
  Action extends string = string,
  Allowed extends RoleScopes = RoleScopes,
> extends Command<Takes, Action, Allowed> {
  // oxlint-disable-next-line typescript/method-signature-style -- any state: which it is, the fold tells
  decide(state: State, id: string, act: z.output<Takes>, by: By<State>): Drafts;
  /** another thing of the same kind that the command is about, and that must exist */
  // oxlint-disable-next-line typescript/method-signature-style
  other?(state: State, act: z.output<Takes>): string | undefined;
}

type Recorded = readonly [{ type: EventType; zh: string; data: z.ZodType; example: unknown }, ...{ type: EventType }[]];

type Declared<Takes, Action, Allowed, Params> = {
  /** definitions of the events that it may record; name and example are the first one's, unless said otherwise */
  records: Recorded;
  action: Action;
  who: Allowed;
  takes?: Takes;
  /** below the thing's own address, or the whole one when it begins with `/` */
  path: string;
  params?: Params;
} & Pick<Command, 'summary' | 'form'> &
  Partial<Pick<Command, 'zh' | 'description' | 'example' | 'evidence' | 'bare' | 'creates' | 'acts' | 'second'>>;

const NOTHING = z.strictObject({});
const ID = z.strictObject({ id: idSchema });
type Nothing = typeof NOTHING;

/** Where what a command is about has its address. */
const AT: Partial<Record<Category, string>> = {
  unit: '/v1/units/{id}',
  inspection: '/v1/inspections/{id}',
  hazard: '/v1/hazards/{id}',
  escalation: '/v1/escalations/{id}',
  report: '/v1/reports/{id}',
  duty: '/v1/duties/{id}',
  campaign: '/v1/campaign',
  proposal: '/v1/proposals/{id}',
};

/** Declares a command on one thing that exists. */
export function actOn<
  State,
  Event extends DaochaEvent,
  const Action extends string,
  const Allowed extends RoleScopes,
  Takes extends z.ZodType = Nothing,
>(
  { category }: Fold<State, Event>,
  declared: Declared<Takes, Action, Allowed, typeof ID> &
    Pick<Decided<State, NoInfer<Takes>, Action, Allowed>, 'decide' | 'other'>,
): Decided<State, Takes, Action, Allowed> {
  return whole(category, declared) as never;
}

/** Declares a command that creates, spans streams or has two outcomes: a handler of its own runs it (functions/api/handlers). */
export function runOn<
  const Action extends string,
  const Allowed extends RoleScopes,
  Takes extends z.ZodType = Nothing,
  Params extends z.ZodObject = typeof ID,
>(category: Category, declared: Declared<Takes, Action, Allowed, Params>): Command<Takes, Action, Allowed, Params> {
  return whole(category, declared);
}

function whole<Takes extends z.ZodType, Action extends string, Allowed extends RoleScopes, Params extends z.ZodObject>(
  category: Category,
  declared: Declared<Takes, Action, Allowed, Params>,
): Command<Takes, Action, Allowed, Params> {
  const { records, takes = NOTHING, path: given, params } = declared;
  const [first] = records;
  const path = given.startsWith('/') ? given : `${AT[category]}/${given}`;
  return {
    category,
    zh: first.zh,
    // An act that takes nothing is one in which there is nothing to say.
    example: takes === NOTHING ? {} : first.example,
    evidence: false,
    bare: false,
    acts: [],
    ...declared,
    path,
    params: (params ?? (path.includes('{id}') ? ID : NOTHING)) as never,
    takes: takes as never,
    records: records.map(({ type }) => type),
  };
}

type Circumstances = { [Name in keyof typeof circumstances]?: z.output<(typeof circumstances)[Name]> } & {
  evidence?: z.output<typeof evidence.evidence>;
};

/** The body of a command's route. @param name its operation id, by which OpenAPI knows the body */
export function bodyOf<Takes extends z.ZodType>(
  { takes, evidence: shown, bare }: Pick<Command<Takes>, 'takes' | 'evidence' | 'bare'>,
  name: string,
): z.ZodType<z.output<Takes> & Circumstances> {
  const more = { ...(shown ? evidence : {}), ...(bare ? {} : circumstances) };
  const object = (schema: unknown) => z.strictObject({ ...(schema as z.ZodObject).shape, ...more });
  const body =
    takes instanceof z.ZodDiscriminatedUnion
      ? z.discriminatedUnion(takes.def.discriminator, takes.options.map(object) as never)
      : object(takes);
  return body.meta({ id: name[0]!.toUpperCase() + name.slice(1) }) as never;
}

/** What leads to a command's form, and what its button says. */
export const formOf = (command: Command): Required<Pick<Form, 'name' | 'button' | 'path'>> & Form => {
  const { form, zh, path } = command;
  if (typeof form === 'string') throw new Error(`${path} has no form: ${form}`);
  const { name = zh, button = name } = form;
  return { path: path.slice(path.lastIndexOf('/') + 1), ...form, name, button };
};
