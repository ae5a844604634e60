// The export for process mining: valid by the published schema, complete, and the same bytes for the same events.
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { expect, test } from 'vitest';
import { DEFINITIONS } from '../../../events/catalogue.ts';
import { ocel2 } from '../../../shared/record/audit/ocel2.ts';
import { leafHash } from '../../../shared/record/tlog/hash.ts';
import { exampleOf } from '../../support/builders.ts';
import { Town } from './town.ts';

interface Related {
  id: string;
  type: string;
  attributes: { name: string; value: string; time?: string }[];
  relationships: { objectId: string; qualifier: string }[];
}
interface Exported {
  eventTypes: { name: string; attributes: { name: string }[] }[];
  objectTypes: { name: string }[];
  events: (Related & { time: string })[];
  objects: Related[];
}

async function exported(bytes: readonly Uint8Array[]): Promise<Exported> {
  const logged = bytes.map((one, position) => ({ position, bytes: one }));
  let text = '';
  for await (const piece of ocel2(() => logged)) text += piece;
  return JSON.parse(text) as Exported;
}

const validate = (() => {
  const ajv = new Ajv({ strict: false });
  // oxlint-disable-next-line typescript/no-explicit-any -- a CommonJS module whose types say otherwise
  (formats as any)(ajv);
  const file = new URL('../../vectors/ocel2/ocel20-schema-json.json', import.meta.url);
  return ajv.compile(JSON.parse(readFileSync(file, 'utf8')) as object);
})();

const town = new Town(300);
const log = await exported(town.events.map(({ bytes }) => bytes));

test('valid by the published schema, which takes no values but strings', async () => {
  validate(log);
  expect(validate.errors ?? []).toEqual([]);
  const wrong = structuredClone(log);
  wrong.events[0]!.attributes[0]!.value = 1 as unknown as string;
  expect(validate(wrong)).toBe(false);
});

test('every type of event that there is can be exported, with the attributes that are declared for it', async () => {
  const all = await exported(DEFINITIONS.map(({ type }) => new TextEncoder().encode(JSON.stringify(exampleOf(type)))));
  expect(validate(all)).toBe(true);
  for (const event of all.events) {
    const names = all.eventTypes.find(({ name }) => name === event.type)!.attributes.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(event.attributes.map(({ name }) => name)));
  }
});

test('every event is there with its position and leaf hash, and everything it is about is an object', () => {
  expect(log.events.length).toBe(town.events.length);
  const objects = new Set(log.objects.map(({ id }) => id));
  expect(objects.size).toBe(log.objects.length);
  const types = new Set(log.objectTypes.map(({ name }) => name));
  for (const { type } of log.objects) expect(types).toContain(type);
  for (const [n, event] of log.events.entries()) {
    const values = Object.fromEntries(event.attributes.map(({ name, value }) => [name, value]));
    expect(values['logIndex']).toBe(String(n));
    expect(values['leafHash']).toBe(Buffer.from(leafHash(town.events[n]!.bytes)).toString('hex'));
    for (const { objectId } of event.relationships) expect(objects).toContain(objectId);
  }
});

test('who inspected, who is responsible, who signed off, and at which unit', () => {
  const roles = (type: string): Record<string, string> =>
    Object.fromEntries(
      log.events.find((event) => event.type === type)!.relationships.map((one) => [one.qualifier, one.objectId]),
    );
  expect(roles('InspectionRecorded')).toMatchObject({
    subject_unit: 'unit:u_0',
    inspected_by: 'inspector:p-inspector-1',
  });
  expect(roles('HazardFound')).toMatchObject({ hazard: 'hazard:h_0', responsible_org: 'organisation:guijianban' });
  expect(roles('HazardSignedOff')).toMatchObject({ signed_off_by: 'inspector:p-dept-2' });
});
