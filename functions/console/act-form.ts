// The forms of declared commands (shared/rules/command.ts): one page for each command on a kind of thing, its fields
// made from what the command takes. What only a page can know (whose turn it is, what the rule set proposes, what stood
// there before) is added beside the pages of that kind.
import { fieldsOf, type DataField } from '../../events/field.ts';
import { TRACKS, type Track } from '../../events/envelope.ts';
import { formOf, type Command } from '../../shared/rules/command.ts';
import { Forbidden, RuleViolated } from '../../events/errors.ts';
import { own } from '../../shared/own.ts';
import type { Action } from '../api/permissions.ts';
import type { RouteName } from '../api/routes.ts';
import { one, PERSON_LIKE, showForm, takeForm, YES_NO, type Field, type FormPage, type Values } from './form.ts';
import { html, type Content } from '../../shared/reading/html.ts';
import { after, to, type Page, type Visit } from './page.ts';
import { organisationChoices, trackChoices } from './scope.ts';

/** What a page adds to a form, or makes itself where a body is no list of plain fields. */
export interface Added<About> {
  /** under the sentence of the declaration */
  intro?: (about: About, visit: Visit) => Content;
  hints?: (about: About, visit: Visit) => Record<string, string>;
  /** instead of those that the command takes */
  fields?: (about: About, visit: Visit) => readonly Field[];
  initial?: (about: About) => Values;
  body?: (values: Values, about: About) => object;
  /** the command, and what is said afterwards, where what is filled in decides between several */
  leadsTo?: (values: Values) => string;
  says?: (values: Values) => string;
}

/** The things that the commands are on, as their pages know them. */
export interface Kind<About> {
  /** of its page: `/units/{id}` */
  path: string;
  /** what the form's page needs at least; the command's own action unless said otherwise */
  action?: Action;
  /** tracks to choose from; all of them unless said otherwise */
  tracks?: (about: About) => readonly Track[];
  /** what the form is about. @throws for a form that could only be refused */
  find: (visit: Visit, command: Command) => Promise<About>;
  /** the form is not shown where this throws; one that was sent is judged by the API */
  require?: (about: About, command: Command) => void;
  frame: (visit: Visit, about: About, name: string) => Pick<FormPage, 'title' | 'section' | 'above' | 'intro' | 'back'>;
}

type Commands = Record<string, Command>;
type Adds<About> = Partial<Record<string, Added<About>>>;

/** Those of the commands that a form of their own asks for, by name. */
export const formed = (commands: object): [string, Command][] =>
  Object.entries(commands as Commands).filter(([, { form }]) => typeof form !== 'string');

/**
 * The forms that lead to what an answer lists as allowed to this person. @param actsOf of a form; those of its command
 * unless said otherwise
 */
export const offered = (
  commands: object,
  { allowed }: { allowed: readonly { act: string; may: boolean }[] },
  actsOf = ({ acts }: Command): readonly string[] => acts,
): Command[] =>
  formed(commands)
    .map(([, command]) => command)
    .filter((command) => allowed.some(({ act, may }) => may && actsOf(command).includes(act)));

/** What a page says after each of the commands, by name. */
export const doneWords = (commands: object): Record<string, string> =>
  Object.fromEntries(formed(commands).map(([name, command]) => [name, formOf(command).done]));

/** The page of each form. */
export function formPages<About>(commands: object, kind: Kind<About>, adds: Adds<About>): Page[] {
  return formed(commands).map(([name, command]) => {
    const form = formOf(command);
    const added = own(adds, name) ?? {};
    const prepared = async (visit: Visit): Promise<{ about: About; page: FormPage }> => {
      const about = await kind.find(visit, command);
      const frame = kind.frame(visit, about, form.name);
      const hints = { ...form.hints, ...added.hints?.(about, visit) };
      const page: FormPage = {
        ...frame,
        intro: html`${frame.intro}${form.intro && html`<p>${form.intro}</p>`}${added.intro?.(about, visit)}`,
        fields: added.fields?.(about, visit) ?? controlsOf(visit, command, hints, kind.tracks?.(about)),
        ...(added.initial && { initial: added.initial(about) }),
        button: form.button,
        ...(form.weighty && { weighty: true }),
      };
      return { about, page };
    };
    return {
      path: `${kind.path}/${form.path}`,
      action: kind.action ?? (command.action as Action),
      get: async (visit) => {
        const { about, page } = await prepared(visit);
        kind.require?.(about, command);
        return showForm(visit, page);
      },
      post: async (visit) => {
        const { about, page } = await prepared(visit);
        return takeForm(visit, page, async (values, key) => {
          const route = (added.leadsTo?.(values) ?? name) as RouteName;
          const body = added.body?.(values, about) ?? bodyOf(command, values);
          const answer = await visit.act(route, { id: visit.params['id'] }, body, key);
          const thing = kind.path.replace('{id}', encodeURIComponent(visit.params['id']!));
          return { location: after(thing, added.says?.(values) ?? route, answer) };
        });
      },
    };
  });
}

/** Why a form is not there: its time is over or has not come, or it is somebody else's. @throws Forbidden, RuleViolated */
export function requireAllowed(
  { allowed, status }: { allowed: readonly { act: string; may: boolean }[]; status: string },
  acts: readonly string[],
): void {
  const possible = allowed.filter(({ act }) => acts.includes(act));
  if (possible.some(({ may }) => may)) return;
  throw possible.length > 0
    ? new Forbidden('forbidden', `${acts.join(', ')} is not up to this person`)
    : new RuleViolated('wrong-transition', `what is ${status} does not allow: ${acts.join(', ')}`);
}

/** What a command takes, as controls of a form. @throws for what no control asks for: say `form: 'own: …'` or `'none: …'` */
export function controlsOf(
  visit: Visit,
  { takes, form }: Pick<Command, 'takes' | 'form'>,
  hints: Readonly<Record<string, string | undefined>> = {},
  tracks: readonly Track[] = TRACKS,
): Field[] {
  const needed = typeof form === 'string' ? [] : (form.must ?? []);
  return fieldsOf(takes).map((field) => {
    const { name, title: label, kind, many, most = 0, choices = {} } = field;
    const optional = field.optional && !needed.includes(name);
    const hint = own(hints, name) ?? (kind === 'person' ? '人员名录中的编号，例如 p-liaison-1；不要填姓名' : undefined);
    const common = { name, label, ...(optional && { optional }), ...(hint !== undefined && { hint }) };
    const several = many ? 'checkboxes' : undefined;
    switch (kind) {
      case 'line':
      case 'text':
        return { ...common, kind, most };
      case 'post':
        return { ...common, kind: 'line', most };
      case 'person':
        return { ...common, kind: 'line', most, like: PERSON_LIKE };
      case 'id':
      case 'hazard':
        return { ...common, kind: 'line', most, like: [/^[A-Za-z0-9][\w.:-]*$/, `${label}只有字母、数字和 _ . : -`] };
      case 'number':
        return { ...common, kind: 'line', most: 15, like: [/^-?\d+(\.\d+)?$/, `${label}应为数字`] };
      case 'date':
      case 'due':
        return { ...common, kind: 'date' };
      case 'organisation':
        return { ...common, kind: several ?? 'select', options: organisationChoices(visit) };
      case 'track':
        return { ...common, kind: several ?? 'select', options: trackChoices(tracks) };
      case 'yes-no':
        return { ...common, kind: 'radio', options: YES_NO };
      case 'choice': {
        const options = Object.entries(choices).map(([value, [words, more]]) => ({
          value,
          label: words,
          ...(more !== undefined && { hint: more }),
        }));
        return { ...common, kind: several ?? 'radio', options };
      }
      case 'moment':
      case 'object':
      case 'facts':
      case 'changes':
      case 'recipients':
      case 'files':
      case 'anything':
        throw new Error(`${name}: no control asks for what is ${kind}; say how it is asked for, or that it is not`);
    }
  });
}

/** What was filled in, as the command takes it. */
const bodyOf = ({ takes }: Command, values: Values): object =>
  Object.fromEntries(fieldsOf(takes).map((field) => [field.name, valueOf(field, values)]));

function valueOf({ name, kind, many }: DataField, values: Values): unknown {
  if (many) return values[name];
  const value = one(values, name);
  if (value === undefined) return undefined;
  return kind === 'number' ? Number(value) : kind === 'yes-no' ? value === 'true' : value;
}

/** The buttons that lead to forms of a thing. @param forward the act that is the next step: its button comes first */
export function actLinks(path: string, commands: readonly Command[], forward?: string): Content {
  const next = commands.find(({ acts }) => forward !== undefined && acts.includes(forward));
  const first = next && formOf(next);
  const others = commands.filter((command) => command !== next).map(formOf);
  return html`
    ${first && html`<a class="button" href="${to(`${path}/${first.path}`)}">${first.name}</a>`}
    ${others.map((form) => html`<a class="button quiet" href="${to(`${path}/${form.path}`)}">${form.again ?? form.name}</a>`)}
  `;
}
