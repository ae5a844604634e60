// When the record speaks against a claimed time, a form comes back with a field for the reason and everything else as
// it was; the reason goes with whatever the form does.
import { expect, test } from 'vitest';
import { takeForm, type FormPage } from '../../../functions/console/form.ts';
import type { Shown, Visit } from '../../../functions/console/page.ts';
import { RuleViolated } from '../../../events/errors.ts';

const PAGE: FormPage = {
  title: '复查',
  above: [],
  fields: [{ kind: 'line', name: 'basis', label: '依据', most: 20 }],
  button: '提交',
  back: '/console',
};
const visit = (form: Record<string, string[]>) => ({ path: '/console/x', csrf: 'c', form }) as unknown as Visit;
const KEY = 'a-key-of-a-page';
const refuse = (type: string, facts: object) => () => {
  throw new RuleViolated(type, 'no', { field: 'occurredAt', facts: { ...facts } });
};
const shown = async (form: Record<string, string[]>, run: () => never): Promise<{ reply: Shown; text: string }> => {
  const reply = (await takeForm(visit({ key: [KEY], basis: ['现场'], ...form }), PAGE, run)) as Shown;
  return { reply, text: String(reply.body) };
};

test.each([
  ['occurred-too-early', { askable: true, bound: '2025-06-01T02:00:00.000Z' }, '最早为 2025-06-01 10:00。'],
  ['seen-before-sign-off', { hazard: 'h', signedOffAt: '2025-06-01T02:00:00.000Z' }, '复查或销项于 2025-06-01 10:00。'],
])('%s is a question: nothing is lost, and a new key stands for other words', async (type, facts, words) => {
  const { reply, text } = await shown({}, refuse(type, facts));
  expect(reply).toMatchObject({ status: 422, faults: { type, asks: 'basis' } });
  expect(text).toContain('name="lateBasis"');
  expect(text).toContain(words);
  expect(text).toContain('value="现场"');
  expect(text).not.toContain(KEY);
});

test('what was answered is shown again, and may be too long', async () => {
  const { text } = await shown({ lateBasis: ['凭签字的检查单'] }, refuse('due-past', {}));
  expect(text).toContain('凭签字的检查单</textarea>');
  const long = await shown({ lateBasis: ['字'.repeat(2001)] }, refuse('due-past', {}));
  expect(long.text).toContain('依据最多 2000 字，现有 2001 字');
});

test('a claim that cannot be is no question', async () => {
  const { reply, text } = await shown({}, refuse('occurred-too-early', { askable: false }));
  expect(reply.faults).toMatchObject({ asks: 'time' });
  expect(text).not.toContain('name="lateBasis"');
});
