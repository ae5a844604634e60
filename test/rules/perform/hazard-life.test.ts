// The life of one hazard through the commands, and what it does to its unit in the same commit.
import { describe, expect, test } from 'vitest';
import { parseStreamKey } from '../../../events/envelope.ts';
import { hazardId } from '../../../shared/rules/perform/execute.ts';
import * as unitCommands from '../../../shared/rules/unit/commands.ts';
import { perform } from '../../../shared/rules/perform/perform.ts';
import { DAY, later } from '../../support/builders.ts';
import {
  actsOn,
  commitsOf,
  eventsOf,
  H1,
  H2,
  hazardState,
  inspect,
  signedOff,
  townWith,
  UNIT,
  unitState,
  WHO,
  type Town,
} from './town.ts';

/** Types of the events that a command recorded, by category of stream. */
function recorded(executed: { events: { type: string; stream: string }[] }): Record<string, string[]> {
  const types: Record<string, string[]> = {};
  for (const { type, stream } of executed.events) (types[parseStreamKey(stream).category] ??= []).push(type);
  return types;
}

/** Streams of a command’s commit as stored, each with the parts that it names. */
const partsOf = ({ fake }: Town, command: string) => commitsOf(fake).filter((commit) => commit.command === command);

test('found, graded, assigned, ordered, rejected, verified, signed off, come back, signed off again', async () => {
  const town = await townWith('GAS-01', 'GAS-02');
  const acts = actsOn(town, H1);
  expect(unitState(town.fake)).toMatchObject({ listed: false });
  const submitAgain = () => acts.submit(4);
  for (const act of [acts.grade, acts.assign, acts.order, acts.submit, acts.reject, submitAgain, acts.verify]) {
    expect(await act()).toMatchObject({ already: false, added: 1, commits: [{ stream: `liantang#hazard#${H1}` }] });
  }
  expect(recorded(await acts.signOff())).toEqual({ hazard: ['HazardSignedOff'], unit: ['UnitLedgerChanged'] });
  expect(unitState(town.fake), 'one is still open').toMatchObject({ listed: false, open: [H2] });

  const others = actsOn(town, H2);
  for (const act of [others.grade, others.assign, others.order, others.submit, others.verify]) await act();
  expect(recorded(await others.signOff())).toEqual({
    hazard: ['HazardSignedOff'],
    unit: ['UnitLedgerChanged', 'UnitListed'],
  });

  const again = await inspect(town, later(20 * DAY), ['GAS-01']);
  expect(again.findings).toEqual([{ item: '1', clause: 'GAS-01', hazard: H1, outcome: 'recurred' }]);
  expect(recorded(again)).toEqual({
    inspection: ['InspectionRecorded'],
    hazard: ['RecurrenceFound'],
    unit: ['UnitLedgerChanged', 'UnitDelisted'],
  });
  expect(hazardState(town.fake, H1)).toMatchObject({ status: 'recurred', recurrences: 1, rejections: 0, due: null });

  await acts.order(21);
  await acts.submit(22);
  await acts.verify(23);
  const closed = await acts.signOff(24);
  expect(closed.events).toMatchObject([
    { type: 'HazardSignedOff', data: { cycle: 2, days: 4, openedAt: later(20 * DAY) } },
    { type: 'UnitLedgerChanged', data: { open: 0 } },
    { type: 'UnitListed', data: { hazard: H1 } },
  ]);
  const lives = eventsOf(town.fake, 'hazard', H1).map(({ type }) => type);
  expect(lives).toEqual([
    'HazardFound',
    'HazardGraded',
    'HazardAssigned',
    'RectificationOrdered',
    'RectificationSubmitted',
    'VerificationRejected',
    'RectificationSubmitted',
    'VerificationPassed',
    'HazardSignedOff',
    'RecurrenceFound',
    'RectificationOrdered',
    'RectificationSubmitted',
    'VerificationPassed',
    'HazardSignedOff',
  ]);
});

test('a recurrence delists the unit in the same commit', async () => {
  const town = await townWith('GAS-01');
  await signedOff(town, H1);
  const context = town.as(WHO.inspector, { occurredAt: later(20 * DAY) });
  const { id } = await inspect(town, later(20 * DAY), ['GAS-01'], context);
  const commits = partsOf(town, context.command);
  const parts = commits.map(({ stream, version }) => ({ stream, version }));
  expect(parts.map(({ stream }) => stream).toSorted()).toEqual(
    [`liantang#hazard#${H1}`, `liantang#inspection#${id}`, `liantang#unit#${UNIT}`].toSorted(),
  );
  for (const commit of commits) expect(commit.parts).toEqual(expect.arrayContaining(parts));
  const undone = eventsOf(town.fake, 'hazard', H1);
  expect(undone.at(-1)).toMatchObject({ type: 'RecurrenceFound', data: { undoes: undone.at(-2)!.id } });
});

test('a new hazard delists the unit in the same commit', async () => {
  const town = await townWith('GAS-01');
  await signedOff(town, H1);
  const { events } = await inspect(town, later(20 * DAY), ['GAS-02']);
  expect(events.at(-1)).toMatchObject({ type: 'UnitDelisted', data: { reason: 'new-hazard', hazards: [H2] } });
});

test('a clean inspection touches neither hazards nor the unit', async () => {
  const town = await townWith('GAS-01');
  const clean = await inspect(town, later(DAY), []);
  expect(recorded(clean)).toEqual({ inspection: ['InspectionRecorded'] });
  expect(clean.events).toMatchObject([{ unit: UNIT, track: 'gas', data: { clean: true, findings: [] } }]);
});

test('seen again while open it persists, and the unit is not touched', async () => {
  const town = await townWith('GAS-01');
  const seen = await inspect(town, later(DAY), ['GAS-01']);
  expect(seen.findings).toMatchObject([{ outcome: 'persists', hazard: H1 }]);
  expect(recorded(seen)).toEqual({ inspection: ['InspectionRecorded'], hazard: ['HazardPersisted'] });
});

test('a visit before the sign-off that is recorded after it is late, and delists nothing', async () => {
  const town = await townWith('GAS-01');
  await signedOff(town, H1);
  const asked = {
    type: 'seen-before-sign-off',
    field: 'occurredAt',
    facts: { hazard: H1, signedOffAt: later(5 * DAY) },
  };
  await expect(inspect(town, later(5 * DAY - 1), ['GAS-01'])).rejects.toMatchObject(asked);
  const late = await inspect(town, later(5 * DAY - 1), ['GAS-01'], { lateBasis: '纸质检查表补录' });
  expect(late.findings).toMatchObject([{ outcome: 'late' }]);
  expect(recorded(late)).toEqual({ inspection: ['InspectionRecorded'], hazard: ['HazardPersisted'] });
  expect(unitState(town.fake)).toMatchObject({ listed: true, open: [] });
  expect(hazardState(town.fake, H1).status).toBe('signed-off');
  expect(eventsOf(town.fake, 'hazard', H1).at(-1)).toMatchObject({ lateBasis: '纸质检查表补录' });
});

test('a visit between the verification and the sign-off that stands on it is a recurrence', async () => {
  const town = await townWith('GAS-01');
  await signedOff(town, H1);
  const { findings } = await inspect(town, later(5 * DAY), ['GAS-01']);
  expect(findings).toMatchObject([{ outcome: 'recurred' }]);
  expect(unitState(town.fake)).toMatchObject({ listed: false, open: [H1] });
});

test('a hazard is one clause at one unit in one track', () => {
  const ids = [
    hazardId('u_1', 'gas', 'A'),
    hazardId('u_2', 'gas', 'A'),
    hazardId('u_1', 'factory', 'A'),
    hazardId('u_1', 'gas', 'B'),
  ];
  expect(new Set(ids).size).toBe(4);
  expect(hazardId('u_1', 'gas', 'A')).toBe(ids[0]);
  expect(ids[0]).toMatch(/^h_[0-9a-f]{20}$/);
});

describe('duplicate or invalid', () => {
  test('takes the hazard out of the ledger in the same commit; undoing it puts it back', async () => {
    const town = await townWith('GAS-01', 'GAS-02');
    const acts = actsOn(town, H1);
    expect(recorded(await acts.propose({ kind: 'duplicate', of: H2 }))).toEqual({ hazard: ['HazardClosureProposed'] });
    expect((await acts.confirm()).events).toMatchObject([
      { type: 'HazardLinkedAsDuplicate', data: { of: H2 } },
      { type: 'UnitLedgerChanged', data: { dismissed: [H1], open: 1 } },
    ]);
    expect((await acts.unlink()).events).toMatchObject([
      { type: 'HazardUnlinked', data: { after: 'found' } },
      { type: 'UnitLedgerChanged', data: { opened: [H1], open: 2 } },
    ]);
  });

  test('of each other leaves one of the two open', async () => {
    const town = await townWith('GAS-01', 'GAS-02');
    await actsOn(town, H1).propose({ kind: 'duplicate', of: H2 });
    await actsOn(town, H2).propose({ kind: 'duplicate', of: H1 });
    await actsOn(town, H1).confirm();
    await expect(actsOn(town, H2).confirm()).rejects.toMatchObject({ type: 'duplicate-of-dismissed' });
    expect(unitState(town.fake).open).toEqual([H2]);
  });

  test('undone at a listed unit delists it', async () => {
    const town = await townWith('GAS-01', 'GAS-02');
    const acts = actsOn(town, H1);
    await acts.propose({ kind: 'duplicate', of: H2 });
    await acts.confirm();
    await signedOff(town, H2);
    expect(unitState(town.fake).listed).toBe(true);
    expect(recorded(await acts.unlink())).toEqual({
      hazard: ['HazardUnlinked'],
      unit: ['UnitLedgerChanged', 'UnitDelisted'],
    });
  });

  test('seen again, a duplicate persists while the one that stays is open; after that one’s sign-off it is open again', async () => {
    const town = await townWith('GAS-01', 'GAS-02');
    const acts = actsOn(town, H1);
    await acts.propose({ kind: 'duplicate', of: H2 });
    await acts.confirm();
    expect((await inspect(town, later(4 * DAY), ['GAS-01'])).findings).toMatchObject([{ outcome: 'persists' }]);
    await signedOff(town, H2);
    expect((await inspect(town, later(20 * DAY), ['GAS-01'])).findings).toMatchObject([{ outcome: 'found' }]);
    expect(unitState(town.fake)).toMatchObject({ listed: false, open: [H1] });
  });

  test('cannot be undone at a unit that has been closed', async () => {
    const town = await townWith('GAS-01', 'GAS-02');
    const acts = actsOn(town, H1);
    await acts.propose({ kind: 'duplicate', of: H2 });
    await acts.confirm();
    await actsOn(town, H2).propose({});
    await actsOn(town, H2).confirm();
    await perform(town.deps, town.as(WHO.office), unitCommands.closeUnit, UNIT, { reason: '已搬迁' });
    await expect(acts.unlink()).rejects.toMatchObject({ type: 'unit-closed' });
    await expect(inspect(town, later(9 * DAY), [])).rejects.toMatchObject({ type: 'unit-closed' });
  });
});
