// What a message says: urgency first, which unit, what until when, which post, where to click; and that nothing in a name can break out.
import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { Draft } from '../../../events/catalogue.ts';
import { harmless } from '../../../functions/notify/outcome.ts';
import { noticeLines, markdownOf, plain, noticeText, titleOf } from '../../../functions/notify/text.ts';
import { event, messageOf, noticeOf, reminder } from './support.ts';

const life = (before: string, after: string) => ({ clause: 'GAS-01', grade: 'general', before, after });
const DUE = '2025-05-20T15:59:59.999Z';
const report = (workingDays: number): Draft => ({
  type: 'ReportReminderIssued',
  data: {
    kind: 'monthly',
    period: '2025-05',
    before: 'required',
    after: 'required',
    due: '2025-05-23T15:59:59.999Z',
    rung: String(workingDays),
    workingDays,
    recipients: [{ organisation: 'guijianban', post: 'liaison', person: null }],
    skipped: [],
  },
});
const escalation = (type: string, data: object): Draft =>
  ({ type, data: { hazard: 'h_1', to: 'district-fire', before: 'compiled', after: 'submitted', ...data } }) as Draft;
const line = (notice: ReturnType<typeof noticeOf>): string => {
  const [{ state, subject, act, link } = { state: '', subject: '', act: '', link: '' }] = noticeLines(
    messageOf([notice]),
  );
  return `【${state}】${subject}：${act} ${link}`;
};
const SITE = 'https://daocha.example.gov.cn';

describe('a line', () => {
  it.each([
    [
      reminder(-3),
      ['liaison'],
      `【距期限3个工作日】练塘某餐饮店：城镇燃气安全综合治理 GAS-01，整改期限5月20日，请分管联络员办理 ${SITE}/hazards/h_1`,
    ],
    [
      reminder(0),
      ['liaison', 'head'],
      `【今日到期】练塘某餐饮店：城镇燃气安全综合治理 GAS-01，整改期限5月20日，请分管联络员、主要领导办理 ${SITE}/hazards/h_1`,
    ],
    [
      reminder(2),
      [],
      `【逾期2个工作日】练塘某餐饮店：城镇燃气安全综合治理 GAS-01，整改期限5月20日 ${SITE}/hazards/h_1`,
    ],
    [
      reminder(-1, { before: 'submitted', after: 'submitted', grade: 'major', due: '2025-05-20T10:00:00.000Z' }),
      [],
      `【距期限1个工作日】练塘某餐饮店：城镇燃气安全综合治理 GAS-01 重大隐患，复查期限5月20日18:00 ${SITE}/hazards/h_1`,
    ],
    [
      event('hazard', 'h_1', { type: 'DeadlineMissed', data: { ...life('verified', 'verified'), due: DUE } } as Draft),
      [],
      `【逾期未完成】练塘某餐饮店：城镇燃气安全综合治理 GAS-01，销项期限5月20日 ${SITE}/hazards/h_1`,
    ],
    [
      event('report', 'r_1', report(-2)),
      ['liaison'],
      `【距期限2个工作日】月度清单（2025-05）：城镇燃气安全综合治理，报送期限5月23日，请分管联络员办理 ${SITE}/deadlines`,
    ],
    [
      event('escalation', 'e_1', escalation('EscalationSubmitted', { round: 2 })),
      [],
      `【上报区级】练塘某餐饮店：城镇燃气安全综合治理，第 2 次报送，请受理或退回 ${SITE}/escalations/e_1`,
    ],
    [
      event(
        'escalation',
        'e_1',
        escalation('EscalationGroundAdded', { rule: 'danger', urgent: true, limit: 'power', reason: 'x', ruleSet: 1 }),
      ),
      [],
      `【重大险情】练塘某餐饮店：城镇燃气安全综合治理，追加上报理由：重大险情，请立即处置 ${SITE}/escalations/e_1`,
    ],
    [
      event('escalation', 'e_1', escalation('EscalationReturned', { missing: ['某某的照片'], by: 'p-district-1' })),
      [],
      `【区级退回】练塘某餐饮店：城镇燃气安全综合治理，请按退回意见补充材料后再次上报 ${SITE}/escalations/e_1`,
    ],
  ])('says what matters: %#', (of, posts, expected) => {
    expect(line(noticeOf(of, posts))).toBe(expected);
  });

  it('goes by the unit’s id as long as its name is not known', () => {
    expect(noticeLines(messageOf([noticeOf(reminder(), [], null)]))[0]!.subject).toBe('单位u＿1');
  });

  it('holds no person, and nothing that somebody wrote', () => {
    const proposed = escalation('EscalationProposed', {
      urgent: true,
      limit: 'power',
      rule: 'danger',
      reason: '张三家中燃气泄漏',
    });
    const notices = [reminder(), event('escalation', 'e_1', proposed)].map((of) => noticeOf(of, ['liaison']));
    const text = noticeText(messageOf(notices)) + markdownOf(messageOf(notices), '\n');
    expect(text).not.toContain('p-liaison-1');
    expect(text).not.toContain('张三');
  });
});

describe('a message', () => {
  const mixed = messageOf([
    noticeOf(reminder(-7, {}, {}, 'h_1')),
    noticeOf(reminder(0, {}, {}, 'h_2')),
    noticeOf(reminder(3, {}, {}, 'h_3')),
    noticeOf(
      event(
        'escalation',
        'e_1',
        escalation('EscalationProposed', { urgent: true, limit: 'power', rule: 'danger', reason: 'x' }),
      ),
    ),
  ]);

  it('says how many there are, for whom, and has the keyword that a robot may ask for', () => {
    expect(titleOf(mixed)).toBe('【倒查】安全整治提醒4件（规建办）');
  });

  it('has danger first, then what is overdue, then today, then what is to come', () => {
    expect(noticeLines(mixed).map(({ state }) => state)).toEqual([
      '重大险情',
      '逾期3个工作日',
      '今日到期',
      '距期限7个工作日',
    ]);
  });

  it('without notices is a trial, and says so', () => {
    const trial = messageOf([]);
    expect(titleOf(trial)).toBe('【倒查】测试消息（规建办）');
    expect(markdownOf(trial, '\n')).toBe('**【倒查】测试消息（规建办）**\n通知渠道已接通，此后的提醒将发送到这里。');
    expect(noticeText(trial)).toBe('通知渠道已接通，此后的提醒将发送到这里。\n');
  });

  it('without a console has no links', () => {
    const text = markdownOf({ ...mixed, console: undefined }, '\n') + noticeText({ ...mixed, console: undefined });
    expect(text).not.toMatch(/http|\]\(/);
  });
});

describe('a name', () => {
  it('cannot open a link, call a member or start a line of its own, and is cut', () => {
    expect(plain('[点击](https://evil.example) <@all> @所有人\n> # **店**')).toBe(
      '［点击］（https：//evil.example） ＜＠all＞ ＠所有人 …',
    );
  });

  it('beyond the Basic Multilingual Plane is cut between characters', () => {
    for (const rare of ['𠀀', '𣲗', '😀']) {
      const before = '店'.repeat(38);
      expect(plain(`${before}${rare}`)).toBe(`${before}${rare}`);
      expect(plain(`${before}${rare}${rare}`)).toBe(`${before}${rare}${rare}`);
      expect(plain(`${before}${rare}${rare}铺`)).toBe(`${before}${rare}…`);
      expect(plain(`${before}铺${rare}铺`)).toBe(`${before}铺…`);
      expect(plain(rare.repeat(60))).toBe(`${rare.repeat(39)}…`);
    }
  });

  it('has no sign of markup left, whatever it was, and at most 40 characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (name) => {
        expect(plain(name)).not.toMatch(/[[\]()<>*_`#@!\\|\n\r]|:\/\//);
        expect(Array.from(plain(name)).length).toBeLessThanOrEqual(40);
      }),
    );
  });
});

test('what another system answers is kept as whole characters, and no longer than an event may hold', () => {
  expect(harmless('系统\ud83d繁忙')).toBe('系统\ufffd繁忙');
  for (const before of ['', '甲']) {
    const kept = harmless(`${before}${'😀'.repeat(400)}`);
    expect(kept.length).toBeLessThanOrEqual(300);
    expect(kept.isWellFormed()).toBe(true);
  }
});
