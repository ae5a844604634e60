// Pages that are read from a stream itself say nothing that is not in the log: who may write to the table can make them fail, not lie.
import { beforeEach, describe, expect, test } from 'vitest';
import { commitFromItem, commitHash, itemFromCommit } from '../../../shared/record/store/commit.ts';
import { makeTown, type TestTown } from './support.ts';

let town: TestTown;
let office: string;
let hazard: string;
let inspection: string;
beforeEach(async () => {
  town = await makeTown();
  office = await town.as('office', 'office');
  await town.post('/v1/units', office, { id: 'u_1', name: '甲', area: 'village-01', tracks: ['gas'] });
  const answers = [{ item: '1', clause: 'GAS-01', answer: 'problem', text: '软管老化' }];
  const body = { unit: 'u_1', track: 'gas', mode: 'routine', answers };
  const recorded = (await town.post('/v1/inspections', office, body)).body;
  hazard = recorded.findings[0].hazard;
  inspection = recorded.id;
  const graded = { grade: 'general', basis: '判定标准第三条' };
  await town.post(`/v1/hazards/${hazard}/grade`, office, graded);
  await town.settle();
});

const commits = (stream: string) => town.fake.items('events').filter((item) => item['stream']!.S === stream);
const paths = () =>
  [
    ['hazard', hazard, `/v1/hazards/${hazard}`],
    ['inspection', inspection, `/v1/inspections/${inspection}`],
  ] as const;

describe('a stream as its page reads it', () => {
  test('is shown while nobody has touched it', async () => {
    for (const [, , path] of paths()) expect((await town.get(path, office)).status).toBe(200);
  });

  test('with an event that was made another, hashed anew, is refused', async () => {
    for (const [category, id, path] of paths()) {
      const commit = commitFromItem(commits(`liantang#${category}#${id}`).at(-1)!);
      const events = commit.events.map((bytes) => {
        const event = JSON.parse(Buffer.from(bytes).toString('utf8')) as { actor: object };
        return Buffer.from(JSON.stringify({ ...event, actor: { ...event.actor, person: 'p-other' } }));
      });
      const forged = { ...commit, events };
      town.fake.seed('events', itemFromCommit({ ...forged, hash: commitHash(forged) }));
      const { status, body } = await town.get(path, office);
      expect({ status, type: body.type }).toEqual({ status: 500, type: 'urn:daocha:problem:event-altered' });
    }
  });

  test('whose last commit, or whose every commit, was removed is refused', async () => {
    for (const [category, id, path] of paths()) {
      for (const item of commits(`liantang#${category}#${id}`).toReversed()) {
        town.fake.unseed('events', { stream: item['stream']!, version: item['version']! });
        const { status, body } = await town.get(path, office);
        expect({ status, type: body.type }).toEqual({ status: 500, type: 'urn:daocha:problem:event-altered' });
      }
    }
  });
});
