// The answer to a command carries the platform's signed promise, and the same command sent again gets the same one.
import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import { seededWriter } from '../../../functions/runtime/writer.ts';
import { checkReceipt } from '../../../shared/record/audit/receipt.ts';
import { commitFromItem } from '../../../shared/record/store/commit.ts';
import { makeTown } from './support.ts';

const UNIT = { name: '示例餐饮店', area: 'village-01', tracks: ['gas'] };

test('a receipt names the commit, binds the token, and is the same when the command comes again', async () => {
  const town = await makeTown();
  const signer = seededWriter('seed of this test', 'liantang', 'api');
  town.deps.store.writer = () => Promise.resolve(signer);
  const token = await town.as('office', 'office');
  const send = () => town.post('/v1/units', token, UNIT, { 'idempotency-key': 'one' });
  const { status, body } = await send();
  expect(status).toBe(201);
  const stream = `liantang#unit#${(body as { id: string }).id}`;
  const commit = (await town.items()).map(commitFromItem).find((one) => one.stream === stream)!;
  expect(commit.token).toBe(hash('sha256', token, 'base64url'));
  expect((body as { receipt: string }).receipt.split('\n').slice(0, 7)).toEqual([
    'daocha/receipt/v1',
    stream,
    '1',
    String(commit.next),
    Buffer.from(commit.hash).toString('base64'),
    commit.recordedAt,
    commit.token,
  ]);
  expect((await send()).body).toMatchObject({ already: true, receipt: (body as { receipt: string }).receipt });
  const checked = await checkReceipt(town.deps.views, (body as { receipt: string }).receipt, signer.vkey);
  expect(checked.problem).toBeUndefined();
});

test('without a key there is no receipt', async () => {
  const town = await makeTown();
  const { body } = await town.post('/v1/units', await town.as('office', 'office'), UNIT);
  expect(body).not.toHaveProperty('receipt');
});
