// How long it takes from the event that makes a case escalate until the district unit has it in its queue, on the whole
// platform: proposed by the rule, its dossier compiled as a Word document, stored, recorded, submitted, projected. The
// queue's entry is looked at every few milliseconds where it is stored; a sample is asked for through HTTP as well.
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { setTimeout as pause } from 'node:timers/promises';
import { escalationId } from '../../shared/rules/perform/escalation.ts';
import { loadedOf, itemKey } from '../../shared/reading/views/apply.ts';
import { CASE_SK, escalationsView, type EscalationEntry } from '../../shared/reading/escalation/list.ts';
import { viewPartition } from '../../shared/reading/views/view.ts';
import type { Bench } from './options.ts';
import { startServer, type Server } from './server-process.ts';
import { judged, percentile, type Section } from './table.ts';
import { answers, TENANT, unitDetails } from './town.ts';

const DISTRICT = 'district-construction';
const LOOK_EVERY_MS = 10;
const PATIENCE_MS = 120_000;
const TARGET_MS = 2000;
/** Between two cases, when they come one by one. */
const APART_MS = 250;

export async function escalateSections(bench: Bench): Promise<Section[]> {
  const [alone, together] = bench.quick ? [5, 5] : [100, 20];
  bench.say(`escalate: ${alone} cases one by one, then ${together} at once`);
  const server = await startServer(true);
  try {
    const hazards = await findHazards(server, alone + together + 1);
    await caseInQueue(server, hazards[0]!); // the first compiles the code and connects
    const single: number[] = [];
    for (const hazard of hazards.slice(1, alone + 1)) {
      single.push(await caseInQueue(server, hazard));
      await pause(APART_MS);
    }
    const burst = await Promise.all(hazards.slice(alone + 1).map((hazard) => caseInQueue(server, hazard)));
    const asked = performance.now();
    const { items } = await server.http.get<{ items: unknown[] }>(`/v1/escalations?to=${DISTRICT}&status=submitted`);
    const listed = performance.now() - asked;
    return [
      {
        title: 'From the event that makes a case escalate to the district’s queue',
        note: 'The whole platform as `npm start` runs it. The clock starts when the command that states the limit has been answered.',
        rows: [
          { what: `one by one (${alone} cases), p50`, figure: ms(single, 0.5) },
          judged('one by one, p99', percentile(single, 0.99), { atMost: TARGET_MS, unit: 'ms' }, ms(single, 0.99)),
          { what: 'one by one, longest', figure: ms(single, 1) },
          { what: `${together} at once, the last of them`, figure: ms(burst, 1) },
          { what: `the district’s list over HTTP (${items.length} rows)`, figure: `${Math.round(listed)} ms` },
        ],
      },
    ];
  } finally {
    await server.stop();
  }
}

const ms = (values: readonly number[], p: number): string => `${Math.round(percentile(values, p))} ms`;

/** One unit with one open hazard each; waits until the views have them. */
async function findHazards({ http }: Server, count: number): Promise<string[]> {
  const hazards: string[] = [];
  for (let n = 0; n < count; n += 1) {
    const { id: unit } = await http.post<{ id: string }>('/v1/units', unitDetails(`escalate ${n}`));
    const visit = { unit, track: 'gas', mode: 'routine', answers: answers(1) };
    const { findings } = await http.post<{ findings: { hazard: string }[] }>('/v1/inspections', visit);
    hazards.push(findings[0]!.hazard);
  }
  return hazards;
}

/** States a limit, and waits until the case stands in the queue. @returns ms */
async function caseInQueue({ api, tokens, dynamo, tables }: Server, hazard: string): Promise<number> {
  const answer = await fetch(`${api}/v1/hazards/${hazard}/limits`, {
    method: 'POST',
    headers: { authorization: `Bearer ${tokens.office}`, 'content-type': 'application/json' },
    body: JSON.stringify({ limit: 'power', reason: '责令停产停业须由区级部门决定' }),
  });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  await answer.arrayBuffer();
  const begun = performance.now();
  const key = itemKey(viewPartition(TENANT, 1, escalationsView.name, escalationId(`hazard/${hazard}/1`)), CASE_SK);
  for (;;) {
    const { Item } = await dynamo.send(new GetItemCommand({ TableName: tables.views, Key: key, ConsistentRead: true }));
    if (loadedOf<EscalationEntry>(Item).doc?.status === 'submitted') return performance.now() - begun;
    if (performance.now() - begun > PATIENCE_MS) throw new Error(`the case of ${hazard} did not come into the queue`);
    await pause(LOOK_EVERY_MS);
  }
}
