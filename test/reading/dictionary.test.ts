// What is shown in Chinese: every field of every event has a title, every event a sentence, and no word of the code (an id
// of an enumeration, the name of a field) stands in one.
import { describe, expect, test } from 'vitest';
import { definitionOf, EVENT_TYPES, type DaochaEvent } from '../../events/catalogue.ts';
import { fieldsOf, type DataField } from '../../events/field.ts';
import { changeZh, fieldZh, valueZh } from '../../shared/reading/dictionary.ts';
import { eventText, fieldsIn } from '../../shared/reading/trace/event-text.ts';
import { CORRECTABLE } from '../../shared/rules/corrections.ts';
import { exampleOf } from '../support/builders.ts';

/** All fields, with those within them; what no sentence shows may have none that are named. */
function titles(fields: readonly DataField[], path = ''): string[] {
  return fields.flatMap((field) => [
    `${path}${field.name}=${field.title}`,
    ...(field.inner && !field.left ? titles(field.inner(), `${path}${field.name}.`) : []),
  ]);
}

test.each(EVENT_TYPES)('every field of %s has a title in Chinese', (type) => {
  for (const title of titles(fieldsOf(definitionOf(type).data))) expect(title).toMatch(/=\p{Script=Han}/u);
});

/** What an enumeration or a schema of ours is called in the code. */
const CODE = new Set(
  EVENT_TYPES.flatMap((type) => words(fieldsOf(definitionOf(type).data))).filter((word) =>
    /^[a-z][a-zA-Z-]{2,}$/.test(word),
  ),
);
function words(fields: readonly DataField[]): string[] {
  return fields.flatMap(({ name, choices = {}, left, inner }) => [
    name,
    ...Object.keys(choices),
    ...(inner && !left ? words(inner()) : []),
  ]);
}
/** Every value that the schema allows in turn, where there are several. */
function variants(event: DaochaEvent): DaochaEvent[] {
  const all = fieldsOf(definitionOf(event.type).data).flatMap(({ name, choices = {}, many, kind }) =>
    kind === 'choice' && !many
      ? Object.keys(choices).map((value) => ({ [name]: value === 'true' ? true : value === 'false' ? false : value }))
      : [],
  );
  return [event, ...all.map((one) => ({ ...event, data: { ...event.data, ...one } }) as DaochaEvent)];
}

describe.each(EVENT_TYPES)('%s', (type) => {
  const event = exampleOf(type);
  // ids, references and file names are no words
  const spoken = (text: string): string[] =>
    text.replaceAll(/[a-z]-[\w-]+|[\w]+-\d\w*|\w+[/_.]\w[\w/.]*/g, ' ').match(/[a-z][a-zA-Z-]{2,}/g) ?? [];

  test('says nothing in words of the code', () => {
    for (const one of variants(event)) {
      const page = fieldsIn(one, 'page').map(([field, value]) => `${field.title}：${valueZh(field, value)}`);
      for (const text of [eventText(one), ...page]) {
        expect(
          spoken(text).filter((word) => CODE.has(word)),
          text,
        ).toEqual([]);
        expect(text).not.toMatch(/undefined|\[object|^：|：(；|$)/);
      }
    }
  });
});

test('what may be corrected has a name, and its values are told in words', () => {
  for (const [type, fields] of Object.entries(CORRECTABLE)) {
    for (const field of fields) expect(fieldZh(field), `${type} ${field}`).toMatch(/^\p{Script=Han}+$/u);
  }
  expect(changeZh({ field: 'mode', from: 'routine', to: 'covert' })).toBe('方式：日常检查 → 暗访');
  expect(changeZh({ field: 'answers[3].answer', from: 'ok', to: 'not-applicable' })).toBe(
    '第 3 项答复：无问题 → 不适用',
  );
  expect(changeZh({ field: 'details.tracks', from: ['gas'], to: null })).toBe('专项：城镇燃气 → 无');
  expect(fieldZh('constructor')).toBe('constructor');
});
