// Declared commands: nothing is recorded that no command says it records, and each command is asked for by a form or says why not.
import { expect, test } from 'vitest';
import { EVENT_TYPES } from '../../events/catalogue.ts';
import { titled } from '../../events/field.ts';
import * as z from 'zod';
import { controlsOf } from '../../functions/console/act-form.ts';
import type { Visit } from '../../functions/console/page.ts';
import { PAGES } from '../../functions/console/pages.ts';
import { CASE_ADDS } from '../../functions/console/pages/escalation-acts.ts';
import { HAZARD_ADDS } from '../../functions/console/pages/hazard-acts.ts';
import { UNIT_ADDS } from '../../functions/console/pages/unit-forms.ts';
import { PERFORMED } from '../../shared/rules/perform/perform.ts';
import { bodyOf, formOf, type Command } from '../../shared/rules/command.ts';
import { COMMANDS } from '../../shared/rules/commands.ts';
import { BY_ITSELF } from '../support/recorded-by.ts';

const commands = Object.entries<Command>(COMMANDS);
const ADDS: Record<string, { fields?: unknown }> = { ...UNIT_ADDS, ...HAZARD_ADDS, ...CASE_ADDS };
const PATHS = PAGES.map(({ path }) => path);

test.each(EVENT_TYPES)('%s is recorded by a declared command, or by itself', (type) => {
  const by = commands.filter(([, { records }]) => records.includes(type)).map(([name]) => name);
  const itself = Object.hasOwn(BY_ITSELF, type);
  expect(by.length > 0, `no act yields ${type}: declare one in shared/rules/<noun>/commands.ts`).toBe(!itself);
});

test('what several commands need leave for, the same roles have: a constant that they all name', () => {
  const who = new Map(commands.map(([, command]) => [command.action, command.who]));
  expect(commands.filter(([, command]) => command.who !== who.get(command.action)).map(([name]) => name)).toEqual([]);
});

test.each(commands)('%s has a body that its example fits', (name, command) => {
  expect(bodyOf(command, name).safeParse(command.example).error?.issues).toBeUndefined();
});

test('what is declared with a decision is on a kind of thing that can be loaded (shared/rules/perform/perform.ts)', () => {
  const unknown = commands.filter(([, command]) => 'decide' in command && !PERFORMED.includes(command.category));
  expect(unknown.map(([name]) => name)).toEqual([]);
});

test.each(commands)('the form of %s asks for what it takes, or it is said why there is none', (name, command) => {
  expect(wrongWithForm(name, command)).toEqual([]);
});

test('what no control asks for is named', () => {
  const takes = z.strictObject({ a: titled(z.record(z.string(), z.string()), '甲') });
  expect(() => controlsOf(NOWHERE, { takes, form: 'none: a test' })).toThrow('a: no control asks for what is facts');
});

/** What is wrong with a command's form, in words. */
function wrongWithForm(name: string, command: Command): string[] {
  const { form } = command;
  if (typeof form === 'string') {
    const [kind, page = ''] = form.split(' ');
    if (kind === 'none:') return form.length > 25 ? [] : ['say why there is no form'];
    return kind === 'own:' && PATHS.includes(page) ? [] : [`there is no page ${page}`];
  }
  const address = new RegExp(`^/\\w+/\\{id\\}/${formOf(command).path}$`);
  const wrong = PATHS.some((path) => address.test(path))
    ? []
    : [`no page has it: formPages in functions/console/pages`];
  if (!form.done.endsWith('。')) wrong.push('`done` is no sentence');
  return ADDS[name]?.fields ? wrong : [...wrong, ...wrongFields(command)];
}

const NOWHERE = { campaign: { definition: null } } as unknown as Visit;

function wrongFields({ takes, form }: Command): string[] {
  const { hints = {}, must = [] } = form as { hints?: object; must?: readonly string[] };
  try {
    const names = new Set(controlsOf(NOWHERE, { takes, form }).map((field) => field.name));
    return [...Object.keys(hints), ...must].filter((field) => !names.has(field)).map((field) => `it has no ${field}`);
  } catch (error) {
    return [(error as Error).message];
  }
}
