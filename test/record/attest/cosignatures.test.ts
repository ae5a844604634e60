// Cosignatures are kept when they verify, once for each witness and checkpoint, and lost by nothing.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  keepCosignatures,
  cosignaturesOf,
  cosignedNote,
  latestCosignature,
} from '../../../shared/record/attest/cosignatures.ts';
import { verifyCheckpoint } from '../../../shared/record/tlog/proof.ts';
import { formatVkey } from '../../../shared/record/tlog/vkey.ts';
import { interleave } from '../../support/interleave.ts';
import { SealedTown, vkeyText } from '../seal/support.ts';
import { SIGNED_AT } from '../witness/logs.ts';
import { itemsIn, lineOf, sealed, witnessOf } from './support.ts';

const district = witnessOf();
const province = witnessOf('witness.example/province', 4);
const both = [district.vkey, province.vkey];

describe('cosignatures', () => {
  it('are served with the checkpoint, which itself stays as it was', async () => {
    const town = new SealedTown();
    const checkpoint = await sealed(town, 3);
    const before = itemsIn(town, 'checkpoint');
    for (const witness of [province, district]) {
      await keepCosignatures(town.log, checkpoint, await lineOf(witness, checkpoint), both);
    }
    expect(itemsIn(town, 'checkpoint')).toEqual(before);
    const policy = { log: vkeyText, witnesses: both.map(formatVkey), threshold: 2 };
    const { cosignatures } = await verifyCheckpoint(await cosignedNote(town.log, checkpoint), policy);
    expect(cosignatures).toEqual(both.map(({ name }) => ({ witness: name, time: SIGNED_AT })));
    expect(await latestCosignature(town.log)).toMatchObject({ size: 3 });
  });

  it('belong to one size each', async () => {
    const town = new SealedTown();
    const first = await sealed(town, 1);
    const second = await sealed(town, 9);
    await keepCosignatures(town.log, first, await lineOf(district, first), both);
    expect(await cosignaturesOf(town.log, second.size)).toEqual([]);
    expect(await cosignedNote(town.log, second)).toBe(second.note);
    await keepCosignatures(town.log, second, await lineOf(district, second), both);
    expect(await latestCosignature(town.log)).toMatchObject({ size: 10, witness: district.deps.name });
    expect(await cosignaturesOf(town.log, first.size)).toHaveLength(1);
  });

  it('twice changes nothing; the first line stays', async () => {
    const town = new SealedTown();
    const checkpoint = await sealed(town, 3);
    const { name } = district.vkey;
    const line = await lineOf(district, checkpoint);
    expect(await keepCosignatures(town.log, checkpoint, line, both)).toEqual({ added: [name], known: [] });
    const before = town.fake.items('log');
    const later = witnessOf();
    later.deps.now = () => SIGNED_AT + 60;
    for (const again of [line, await lineOf(later, checkpoint)]) {
      expect(await keepCosignatures(town.log, checkpoint, again, both)).toEqual({ added: [], known: [name] });
    }
    expect(town.fake.items('log')).toEqual(before);
  });

  it('several at once are taken together, or none of them', async () => {
    const town = new SealedTown();
    const checkpoint = await sealed(town, 3);
    const other = await sealed(town, 1);
    const lines = (await lineOf(district, checkpoint)) + (await lineOf(province, other));
    await expect(keepCosignatures(town.log, checkpoint, lines, both)).rejects.toThrow(
      expect.objectContaining({ reason: 'bad-signature' }),
    );
    expect(await cosignaturesOf(town.log, checkpoint.size)).toEqual([]);
    const right = (await lineOf(district, checkpoint)) + (await lineOf(province, checkpoint));
    expect((await keepCosignatures(town.log, checkpoint, right, both)).added).toHaveLength(2);
  });

  it.each<[what: string, lines: (line: string) => string, error: object]>([
    ['of an unknown witness', (line) => line, { reason: 'unknown-key' }],
    ['that are none', () => 'nothing', { field: 'signatures' }],
    ['without an end', (line) => line.trimEnd(), { field: 'signatures' }],
    [
      'too many',
      (line) => line.repeat(33),
      { field: 'cosignatures', expected: expect.stringContaining('32') as string },
    ],
  ])('%s are refused, and nothing is kept', async (what, lines, error) => {
    const town = new SealedTown();
    const checkpoint = await sealed(town, 3);
    const line = await lineOf(district, checkpoint);
    const known = what === 'of an unknown witness' ? [province.vkey] : both;
    await expect(keepCosignatures(town.log, checkpoint, lines(line), known)).rejects.toThrow(
      expect.objectContaining(error),
    );
    expect(itemsIn(town, 'cosignature')).toEqual([]);
  });

  it('of two witnesses at once, in whatever order their calls come, and of both twice: none is lost', async () => {
    const order = fc.array(fc.nat(5), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(order, async (choices) => {
        const town = new SealedTown();
        const checkpoint = await sealed(town, 3);
        const { pause, run } = interleave(choices);
        town.fake.hook = () => pause();
        const witnesses = [district, province, district, province];
        const tasks = witnesses.map(async (witness) =>
          keepCosignatures(town.log, checkpoint, await lineOf(witness, checkpoint), both),
        );
        await run(tasks);
        town.fake.hook = () => {};
        expect((await cosignaturesOf(town.log, 3)).map(({ witness }) => witness).toSorted()).toEqual(
          both.map(({ name }) => name).toSorted(),
        );
        const outcomes = await Promise.all(tasks);
        expect(outcomes.flatMap(({ added }) => added)).toHaveLength(2);
        expect(itemsIn(town, 'to-archive')).toHaveLength(2);
      }),
      { numRuns: 100 },
    );
  });
});
