// Duties (应办事项) as the plan's own definitions decide them: values, evidence, gates, the second person, stops, dates.
import { describe, expect, it, test } from 'vitest';
import type { DutyDefinition, DutyValues } from '../../events/duty-definition.ts';
import type { DaochaEvent } from '../../events/catalogue.ts';
import { workingDays } from '../../shared/rules/calendar/working-days.ts';
import { publishDuty, type CampaignState } from '../../shared/rules/campaign/campaign.ts';
import { LIANTANG, LIANTANG_RULES } from '../../shared/rules/campaign/liantang.ts';
import { LIANTANG_DUTIES } from '../../shared/rules/campaign/liantang-duties.ts';
import { foldAll, type Drafts } from '../../shared/rules/decider.ts';
import * as rules from '../../shared/rules/duty/duty.ts';
import { dutyPeriod } from '../../shared/rules/duty/openings.ts';
import { eventOf, exampleOf, later, T0 } from '../support/builders.ts';
import { given, refusal } from '../support/given.ts';

const ID = 'd_1';
const calendar = workingDays(LIANTANG_RULES.calendar);
const ORGANISATIONS = LIANTANG.organisations.map(({ id }) => id);
const named = (duty: string): DutyDefinition => LIANTANG_DUTIES.find((one) => one.duty === duty)!;

/** The story of one duty, by the plan's own definition. */
class Story {
  readonly events: DaochaEvent[] = [];
  readonly definition: DutyDefinition;
  #person = 'p-1';
  constructor(definition: DutyDefinition | string, owing: Partial<rules.Owing> = {}) {
    this.definition = typeof definition === 'string' ? named(definition) : definition;
    const { subject } = this.definition;
    this.record(
      rules.openDuty(
        rules.duty.initial,
        {
          definition: this.definition,
          subject: { kind: subject, id: subject === 'unit' ? 'u_1' : ID, ...(subject === 'matter' && { name: '甲' }) },
          unit: subject === 'unit' || subject === 'matter' ? 'u_1' : undefined,
          organisation: 'village-01',
          ...owing,
        },
        this.doing(),
      ),
    );
  }
  record(drafts: Drafts): this {
    for (const draft of drafts) this.events.push(eventOf('duty', ID, this.events.length + 1, draft));
    return this;
  }
  by(person: string): this {
    this.#person = person;
    return this;
  }
  doing() {
    return { definition: this.definition, person: this.#person, now: later(0, T0), calendar };
  }
  step(step: string, values: DutyValues = {}, proof = 0) {
    return (state: rules.DutyState) =>
      rules.doStep(state, ID, { step, values }, { ...this.doing(), proof, organisations: ORGANISATIONS });
  }
  get state(): rules.DutyState {
    return foldAll(rules.duty, this.events as never);
  }
  /** does it, and goes on */
  did(step: string, values: DutyValues = {}, proof = 0): this {
    return this.record(this.step(step, values, proof)(this.state));
  }
  when(decide: (state: rules.DutyState) => Drafts) {
    return given(rules.duty, this.events, ID).when(decide);
  }
}

const MUSTS = ['清理隔离', '器材水源', '警戒标识', '通道畅通', '避免交叉', '专人监护'];
const sixYes = Object.fromEntries(MUSTS.map((field) => [field, true]));

describe('hot work: six musts, a gate', () => {
  const declared = () =>
    new Story('crowded.hot-work').did('declare', { 动火部位: '大厅', 施工单位: '甲公司', 动火日期: '2025-05-08' });

  it('does not start while one of the six is “no”, and names it', () => {
    const story = declared().did('musts', { ...sixYes, 专人监护: false }, 6);
    story.when(story.step('start', { 监护人: 'p-9' })).thenRefused('gate-closed', 'step');
    const error = refusal(() => story.step('start', { 监护人: 'p-9' })(story.state));
    expect(error.facts['unmet']).toEqual(['必须安排专门人员全过程监护']);
    expect(error.message).toContain('必须安排专门人员全过程监护');
  });

  it('five photos of six are refused, the sixth lets it pass; then work starts and ends, and all is done', () => {
    const story = declared();
    story.when(story.step('musts', sixYes, 5)).thenRefused('proof-missing', 'evidence');
    story.did('musts', sixYes, 6).did('start', { 监护人: 'p-9' });
    story
      .when(story.step('end', { 现场已清理: true }))
      .thenRecorded(
        { type: 'StepDone', data: { unmet: [], next: [], due: null } },
        { type: 'DutyClosed', data: { outcome: 'done', before: 'open', after: 'done' } },
      );
  });

  it('a must that no longer holds closes the gate again; what is not said again stays', () => {
    const story = declared().did('musts', sixYes, 6).did('musts', { 通道畅通: false }, 6);
    expect(story.state.steps.get('musts')).toMatchObject({ times: 2, values: { ...sixYes, 通道畅通: false } });
    story.when(story.step('start', { 监护人: 'p-9' })).thenRefused('gate-closed', 'step');
  });

  it('nothing goes on while it is stopped, and it goes on when it is resumed', () => {
    const story = declared();
    story.record(rules.stopDuty(story.state, ID, { reason: '无人监护', authority: '条例' }, 'p-e'));
    story.when(story.step('musts', sixYes, 6)).thenRefused('duty-stopped', 'duty');
    story.when((state) => rules.stopDuty(state, ID, { reason: '再', authority: '条例' }, 'p-e')).thenNothing();
    story.record(rules.resumeDuty(story.state, ID, { reason: '已到位' }, 'p-e'));
    story.when(story.step('musts', sixYes, 6)).thenRecorded({ type: 'StepDone' });
    story
      .when((state) => rules.resumeDuty(state, ID, { reason: '已到位' }, 'p-e'))
      .thenRefused('duty-not-stopped', 'duty');
  });

  it('a step out of order is refused, a step that there is not, and one of another kind of thing', () => {
    const story = new Story('crowded.hot-work');
    story.when(story.step('musts', sixYes, 6)).thenRefused('step-out-of-order', 'step');
    story.when(story.step('nothing')).thenRefused('unknown-step', 'step');
  });
});

describe('charging: 2 ports for each bike', () => {
  const survey = (ports: number): DutyValues => ({
    电动自行车数: 300,
    充电端口数: ports,
    步行时间: 3,
    简易消防设施: true,
  });

  it('149 ports for 300 bikes are unmet and the duty stays open; 150 are done', () => {
    const story = new Story('ebike.charging');
    story.when(story.step('survey', survey(149))).thenRecorded({
      type: 'StepDone',
      data: { unmet: ['充电端口与车辆之比低于“1：2”'], next: ['survey'], due: '2025-12-31T15:59:59.999Z' },
    });
    story.did('survey', survey(149));
    // the second survey keeps what it does not say
    story
      .when(story.step('survey', { 充电端口数: 150 }))
      .thenRecorded({ type: 'StepDone', data: { values: { 充电端口数: 150 }, unmet: [] } }, { type: 'DutyClosed' });
    expect(story.did('survey', { 充电端口数: 150 }).state.steps.get('survey')!.values).toEqual(survey(150));
    story.when(story.step('survey', { 充电端口数: 151 })).thenRefused('duty-closed', 'duty');
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['a word for a number', { ...survey(1), 充电端口数: '很多' }, '充电端口数'],
    ['out of bounds', { ...survey(1), 电动自行车数: -1 }, '电动自行车数'],
    ['missing', { 电动自行车数: 300 }, '充电端口数'],
    ['no such field', { ...survey(1), 颜色: '红' }, '颜色'],
    ['inherited', { ...survey(1), constructor: 1 }, 'constructor'],
    ['a number for yes or no', { ...survey(1), 简易消防设施: 1 }, '简易消防设施'],
  ])('refuses what is %s', (_what, values, field) => {
    const story = new Story('ebike.charging');
    story.when(story.step('survey', values as DutyValues)).thenRefused('step-value', `values.${field}`);
  });

  test.each<[string, string, Record<string, unknown>, string]>([
    ['a choice that is none', 'ebike.violation', { 行为: '超速', 处置: '劝阻' }, '行为'],
    ['a day that does not exist', 'ebike.direct-supply', { 完成日期: '2025-02-30' }, '完成日期'],
    ['a third of a cent', 'industry.penalty', { 单位处罚文书号: '甲', 单位罚款: 0.123 }, '单位罚款'],
  ])('refuses %s', (_what, duty, values, field) => {
    const story = new Story(duty);
    story
      .when(story.step(story.definition.steps[0]!.step, values as DutyValues, 9))
      .thenRefused('step-value', `values.${field}`);
  });
});

describe('a second person', () => {
  const done = () => new Story('factory.downgrade').did('downgrade', { 新等级: 'B', 降档依据: '设施补齐' }, 1);

  it('a downgrade without evidence is refused', () => {
    const story = new Story('factory.downgrade');
    story.when(story.step('downgrade', { 新等级: 'B', 降档依据: '设施补齐' })).thenRefused('proof-missing', 'evidence');
    story
      .when(story.step('downgrade', { 新等级: 'C', 降档依据: '设施补齐' }, 1))
      .thenRefused('step-value', 'values.新等级');
  });

  it('nobody confirms what they did themselves; another person does, and it is done', () => {
    const story = done();
    expect(story.state.status).toBe('open');
    const confirm = (state: rules.DutyState) => rules.confirmStep(state, ID, { step: 'downgrade' }, story.doing());
    story.when(confirm).thenRefused('second-person-needed', 'person');
    story.by('p-2');
    story.when(confirm).thenRecorded({ type: 'StepConfirmed', data: { by: 'p-2' } }, { type: 'DutyClosed' });
    story.record(confirm(story.state)).when(confirm).thenRefused('duty-closed', 'duty');
  });

  it('sent back, it is done again and waits again', () => {
    const story = done().by('p-2');
    const back = (state: rules.DutyState) =>
      rules.returnStep(state, ID, { step: 'downgrade', reason: '照片不清' }, story.doing());
    story.when(back).thenRecorded({ type: 'StepReturned', data: { next: ['downgrade'], reason: '照片不清' } });
    story.record(back(story.state)).when(back).thenRefused('nothing-to-confirm', 'step');
    story.by('p-1').did('downgrade', {}, 1);
    expect(story.state.steps.get('downgrade')).toMatchObject({ times: 2, returned: null, confirmedBy: null });
  });
});

it('a B3 cold store gets no permit', () => {
  const story = new Story('insulation.cold-permit').did('material', { 燃烧性能: 'B3' }, 1);
  story.when(story.step('permit', { 许可文号: '1', 许可日期: '2025-05-08' })).thenRefused('gate-closed', 'step');
  story.did('material', { 燃烧性能: 'B1' }, 1).did('permit', { 许可文号: '1', 许可日期: '2025-05-08' });
  expect(story.state.status).toBe('done');
});

it('one penalty of two leaves the case open', () => {
  const story = new Story('industry.penalty').did('person', { 个人处罚文书号: '甲', 个人罚款: 1000 });
  expect(story.state).toMatchObject({ status: 'open', next: ['unit'] });
  expect(story.did('unit', { 单位处罚文书号: '乙', 单位罚款: 20000 }).state.status).toBe('done');
});

it('a patrol is due every seven days until the work is finished', () => {
  const story = new Story('crowded.small-project')
    .did('file', { 施工单位: '甲', 开工日期: '2025-05-08' })
    .did('tip', { 已提示: true });
  expect(story.state).toMatchObject({ next: ['patrol'], due: '2025-05-15T15:59:59.999Z' });
  story.did('patrol', { 发现问题: 0 });
  expect(story.state.next).toEqual(['patrol', 'finish']);
  story.did('patrol', { 发现问题: 1 }).did('finish', { 完工日期: '2025-06-01' });
  expect(story.state).toMatchObject({ status: 'done', due: null });
});

it('a rule with `when` holds only for what has the value', () => {
  const survey = (燃烧性能: string) => ({ 保温材料: '岩棉', 燃烧性能, 防护层: '破损' });
  expect(new Story('insulation.facade').did('survey', survey('A')).state.steps.get('survey')!.unmet).toEqual([]);
  expect(new Story('insulation.facade').did('survey', survey('B2')).state.steps.get('survey')!.unmet).toHaveLength(1);
});

it('an event does a step by itself, once; what has happened before opens it done', () => {
  const story = new Story('industry.supervisor');
  const assign = (state: rules.DutyState) => rules.fulfilStep(state, ID, 'SupervisorAssigned', story.doing());
  story.when(assign).thenRecorded({ type: 'StepDone' }, { type: 'DutyClosed' });
  story.record(assign(story.state)).when(assign).thenNothing();
  expect(new Story('industry.supervisor', { fulfilled: ['SupervisorAssigned'] }).state.status).toBe('done');
});

it('the clock reminds once a rung and misses once; a date that stays goes on where it was', () => {
  const story = new Story('ebike.charging');
  const { due } = story.state;
  const rung = {
    due: due!,
    rung: '-3',
    workingDays: -3,
    recipients: [{ organisation: 'village-01', post: 'head', person: null }],
    skipped: [],
  };
  const remindIt = (state: rules.DutyState) => rules.remindOfDuty(state, ID, rung);
  story.when(remindIt).thenRecorded({ type: 'DutyReminderIssued' });
  story.record(remindIt(story.state)).when(remindIt).thenNothing();
  const miss = (state: rules.DutyState) => rules.missDuty(state, ID, due!, '2026-01-02T00:00:00.000Z');
  story.when(miss).thenRecorded({ type: 'DutyMissed', data: { due } });
  story.record(miss(story.state)).when(miss).thenNothing();
  story.did('survey', { 电动自行车数: 3, 充电端口数: 1, 步行时间: 3, 简易消防设施: true });
  expect(story.state).toMatchObject({ missed: true, stage: -3, due });
});

describe('definitions', () => {
  const campaignState = { definition: LIANTANG, duties: new Map() } as unknown as CampaignState;
  const publish = (definition: DutyDefinition) => publishDuty(campaignState, definition);
  type Step = DutyDefinition['steps'][number];
  const changed = (duty: string, change: (draft: { steps: Step[] } & DutyDefinition) => void): DutyDefinition => {
    const draft = structuredClone(named(duty));
    change(draft);
    return draft;
  };

  test.each(LIANTANG_DUTIES.map((one) => [one.duty, one] as const))('%s fits together and is small', (_duty, one) => {
    expect(publish(one)).toHaveLength(1);
    expect(JSON.stringify(one).length).toBeLessThanOrEqual(1400);
  });

  test('each has an id of its own, and every track has some', () => {
    expect(new Set(LIANTANG_DUTIES.map(({ duty }) => duty)).size).toBe(LIANTANG_DUTIES.length);
    expect(new Set(LIANTANG_DUTIES.flatMap(({ track }) => track ?? []))).toEqual(
      new Set(LIANTANG.tracks.map(({ track }) => track)),
    );
  });

  test.each<[string, DutyDefinition, string]>([
    [
      'an unknown field in a rule',
      changed('ebike.charging', (d) => void (d.steps[0]!.rules![2] = { rule: 'yes', field: '没有', say: '甲' })),
      'steps[0].rules[2].field',
    ],
    [
      'a sum of words',
      changed(
        'ebike.charging',
        (d) =>
          void (d.steps[0]!.rules![0] = {
            rule: 'least',
            sum: [{ field: '简易消防设施', times: 1 }],
            than: 0,
            say: '甲',
          }),
      ),
      'steps[0].rules[0].sum[0].field',
    ],
    [
      'a gate on the last step',
      changed('insulation.cold-permit', (d) => void (d.steps = d.steps.toReversed())),
      'steps[1].gate',
    ],
    ['a gate without a rule', changed('insulation.cold-permit', (d) => void delete d.steps[0]!.rules), 'steps[0].gate'],
    [
      'circular fulfilledBy',
      changed('factory.agreement', (d) => void (d.steps[0]!.fulfilledBy = 'LeaseRecorded')),
      'steps[0].fulfilledBy',
    ],
    [
      'a field twice',
      changed('ebike.charging', (d) => void d.steps[0]!.fields!.push(d.steps[0]!.fields![0]!)),
      'steps[0].fields[4].field',
    ],
    ['a step twice', changed('gas.dig', (d) => void d.steps.push(d.steps[0]!)), 'steps[3].step'],
    [
      'a day of no period',
      changed('ebike.charging', (d) => void (d.steps[0]!.due = { by: 'period' })),
      'steps[0].due.by',
    ],
    [
      'a choice that is none',
      changed('insulation.facade', (d) => void (d.steps[0]!.rules![0]!.when!.is = 'C')),
      'steps[0].rules[0].when.is',
    ],
    [
      'a rule on what may be left out',
      changed('ebike.charging', (d) => void (d.steps[0]!.fields![0]!.optional = true)),
      'steps[0].rules[0].sum[1].field',
    ],
    [
      'an organisation that there is not',
      changed('industry.penalty', (d) => void (d.owed.organisation = 'nobody')),
      'owed.organisation',
    ],
    [
      'a grade that nobody confirms',
      changed('factory.downgrade', (d) => void delete d.steps[0]!.second),
      'steps[0].grades',
    ],
    ['a patrol that never ends', changed('crowded.small-project', (d) => void d.steps.pop()), 'steps[2].every'],
  ])('refuses %s', (_what, definition, field) => {
    const error = refusal(() => publish(definition));
    expect({ type: error.type, field: error.field }).toEqual({ type: 'duty-definition', field });
    expect(error.expected).toBeTruthy();
  });

  it('versions follow one another; the same again is nothing; track and subject stay', () => {
    const one = named('gas.dig');
    const state = { ...campaignState, duties: new Map([[one.duty, [one]]]) } as CampaignState;
    expect(publishDuty(state, one)).toEqual([]);
    expect(refusal(() => publishDuty(state, { ...one, version: 3 })).field).toBe('version');
    expect(refusal(() => publishDuty(state, { ...one, name: '别的' })).type).toBe('wrong-version');
    expect(refusal(() => publishDuty(state, { ...one, version: 2, track: 'factory' })).type).toBe('other-track');
    expect(publishDuty(state, { ...one, version: 2, name: '别的' })).toHaveLength(1);
  });
});

it('periods have their day', () => {
  const of = (every: 'month' | 'quarter' | 'year', today: string) =>
    dutyPeriod({ by: 'period', every, day: 25 }, today);
  expect(of('month', '2025-05-08')).toEqual({ period: '2025-05', from: '2025-05-01', day: '2025-05-25' });
  expect(of('quarter', '2025-05-08')).toEqual({ period: '2025-Q2', from: '2025-04-01', day: '2025-06-25' });
  expect(of('year', '2025-05-08')).toEqual({ period: '2025', from: '2025-01-01', day: '2025-12-25' });
});

it('every event of a duty is decoded by the fold', () => {
  expect(foldAll(rules.duty, [exampleOf('DutyOpened') as never]).status).toBe('open');
});
