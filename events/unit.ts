// Stream category `unit` (单位/场所): what is known of a unit, its risk grade, its ledger of open hazards, and whether it
// stands on the sign-off list (销项名单). The list is a fact about the unit, apart from the state of any one hazard.
import * as z from 'zod';
import {
  approverField,
  dateSchema,
  defineEvent,
  idSchema,
  personSchema,
  placeSchema,
  postNameSchema,
  textSchema,
  trackSchema,
  type DraftOf,
  type EventOf,
} from './envelope.ts';
import { enumOf, longer, titled } from './field.ts';

/** Risk grades A (low) to D (high), as the factory track uses them (plan 三（三）3). */
export const RISK_GRADES = ['A', 'B', 'C', 'D'] as const;
export type RiskGrade = (typeof RISK_GRADES)[number];
export const riskGradeSchema = titled(z.enum(RISK_GRADES), '风险等级', {
  choices: { A: ['A 级', '低风险'], B: ['B 级', '一般风险'], C: ['C 级', '较高风险'], D: ['D 级', '高风险'] },
});

const nameSchema = z.string().trim().min(1).max(200);
const externalSchema = z.strictObject({
  system: titled(z.string().min(1).max(64), '登记系统'),
  id: titled(z.string().min(1).max(128), '编号'),
});

export const unitDetailsSchema = z.strictObject({
  name: titled(nameSchema, '名称'),
  /** 单位类型: restaurant, factory, residential building … */
  kind: titled(z.string().trim().min(1).max(80), '类型').optional(),
  address: titled(z.string().trim().min(1).max(300), '地址').optional(),
  /** village or residents' committee (村居) in whose area it lies */
  area: titled(idSchema, '村居', { as: 'organisation' }).optional(),
  tracks: titled(z.array(trackSchema).min(1).max(7), '专项'),
  location: titled(placeSchema, '位置坐标').optional(),
  /** its id in somebody else's register */
  external: titled(externalSchema, '外部编号').optional(),
});
export type UnitDetails = z.infer<typeof unitDetailsSchema>;

/** Units on record that it reads like and was said not to be: the same name, and nothing in the address to tell them apart. */
export const distinctFromSchema = titled(z.array(idSchema).min(1).max(100), '确是另一家，不是');

const detailsExample = {
  name: '练塘某餐饮店',
  kind: '餐饮',
  address: '练塘镇示例路 1 号',
  area: 'village-01',
  tracks: ['gas' as const],
};

export const UnitRegistered = defineEvent({
  type: 'UnitRegistered',
  category: 'unit',
  zh: '登记单位',
  // Schema 1 knew one track a unit; a restaurant in a mall belongs to two. Schema 2 holds a list.
  schema: 2,
  data: z.strictObject({ details: titled(unitDetailsSchema, '单位'), distinctFrom: distinctFromSchema.optional() }),
  upcasts: {
    1: (old) => {
      const { track, ...details } = old['details'] as Record<string, unknown>;
      return { ...old, details: { ...details, tracks: [track] } };
    },
  },
  example: { details: detailsExample },
});

export const UnitDetailsCorrected = defineEvent({
  type: 'UnitDetailsCorrected',
  category: 'unit',
  zh: '更正单位信息',
  data: z.strictObject({
    /** id of the event that is corrected */
    target: titled(z.string().min(1).max(200), '被更正的事件', { left: 'out' }),
    before: titled(unitDetailsSchema, '更正前', { left: 'out' }),
    after: titled(unitDetailsSchema, '更正后', { left: 'out' }),
    reason: titled(textSchema, '更正理由'),
    /** person who approved the correction, not the one who makes it */
    approver: titled(personSchema, '批准人'),
    distinctFrom: distinctFromSchema.optional(),
  }),
  example: {
    target: 'unit/u_1/1',
    before: detailsExample,
    after: { ...detailsExample, name: '练塘某饭店' },
    reason: '登记时名称有误',
    approver: 'p-office-1',
  },
});

export const BaselineSurveyed = defineEvent({
  type: 'BaselineSurveyed',
  category: 'unit',
  zh: '摸清底数',
  data: z.strictObject({
    track: titled(trackSchema, '专项'),
    facts: titled(
      z.record(z.string().min(1).max(80), z.union([longer(z.string().max(500)), z.number(), z.boolean()])),
      '底数',
    ),
  }),
  example: { track: 'gas', facts: { 用气方式: '瓶装', 气瓶数: 2, 熄火保护: true } },
});

export const RiskGraded = defineEvent({
  type: 'RiskGraded',
  category: 'unit',
  zh: '风险评定',
  data: z.strictObject({
    from: titled(riskGradeSchema, '原等级').nullable(),
    to: riskGradeSchema,
    basis: titled(textSchema, '评定依据'),
    /** of a lower grade than before */
    approver: approverField,
  }),
  example: { from: 'C', to: 'B', basis: '消防设施已补齐，复核通过' },
});

export const LeaseRecorded = defineEvent({
  type: 'LeaseRecorded',
  category: 'unit',
  zh: '登记租赁',
  data: z.strictObject({
    lease: titled(idSchema, '租赁编号'),
    lessor: titled(nameSchema, '出租方'),
    lessee: titled(nameSchema, '承租方'),
    from: titled(dateSchema, '起始日', { days: 'begins' }),
    to: titled(dateSchema, '截止日', { days: 'expires' }).optional(),
  }),
  example: { lease: 'l-1', lessor: '甲公司', lessee: '乙公司', from: '2025-01-01' },
});

export const AgreementSigned = defineEvent({
  type: 'AgreementSigned',
  category: 'unit',
  zh: '签订安全管理协议',
  data: z.strictObject({
    lease: titled(idSchema, '租赁编号'),
    signedOn: titled(dateSchema, '签订日期', { days: 'done' }),
  }),
  example: { lease: 'l-1', signedOn: '2025-05-06' },
});

const hazards = (title: string) => titled(z.array(idSchema).max(100), title, { as: 'hazard' });
export const UnitLedgerChanged = defineEvent({
  type: 'UnitLedgerChanged',
  category: 'unit',
  zh: '单位隐患台账变动',
  data: z.strictObject({
    opened: hazards('新增'),
    signedOff: hazards('销项'),
    /** closed otherwise: duplicate or invalid */
    dismissed: hazards('撤并'),
    /** how many are open after this */
    open: titled(z.number().int().min(0), '未销项', { unit: '# 处' }),
  }),
  example: { opened: ['h_1'], signedOff: [], dismissed: [], open: 1 },
});

export const UnitListed = defineEvent({
  type: 'UnitListed',
  category: 'unit',
  zh: '列入销项名单',
  data: z.strictObject({ hazard: titled(idSchema, '最后销项的隐患', { as: 'hazard' }) }),
  example: { hazard: 'h_1' },
});

/** Why a unit leaves the list. */
export const DELISTED_NAMES = { recurrence: ['隐患回潮'], 'new-hazard': ['新发现隐患'] } as const;

export const UnitDelisted = defineEvent({
  type: 'UnitDelisted',
  category: 'unit',
  zh: '移出销项名单',
  data: z.strictObject({
    reason: titled(enumOf(DELISTED_NAMES), '缘由'),
    hazards: titled(z.array(idSchema).min(1).max(100), '隐患', { as: 'hazard' }),
  }),
  example: { reason: 'recurrence', hazards: ['h_1'] },
});

export const SupervisorAssigned = defineEvent({
  type: 'SupervisorAssigned',
  category: 'unit',
  zh: '明确监管责任人',
  data: z.strictObject({
    track: titled(trackSchema, '专项'),
    person: titled(personSchema, '人员编号'),
    post: titled(postNameSchema, '岗位'),
    organisation: titled(idSchema, '组织', { as: 'organisation' }),
    /** first day, in town time */
    from: titled(dateSchema, '起始日', { days: 'begins' }),
    basis: titled(textSchema, '依据'),
  }),
  example: {
    track: 'gas',
    person: 'p-officer-1',
    post: '燃气监管员',
    organisation: 'guijianban',
    from: '2025-04-28',
    basis: '监管职责到人、到岗',
  },
});

export const SupervisorRelieved = defineEvent({
  type: 'SupervisorRelieved',
  category: 'unit',
  zh: '免去监管责任人',
  data: z.strictObject({
    track: titled(trackSchema, '专项'),
    person: titled(personSchema, '人员编号'),
    until: titled(dateSchema, '最后一天', { days: 'ends' }),
    reason: titled(textSchema, '理由'),
  }),
  example: { track: 'gas', person: 'p-officer-1', until: '2025-09-30', reason: '岗位调整' },
});

export const UnitClosed = defineEvent({
  type: 'UnitClosed',
  category: 'unit',
  zh: '单位注销',
  data: z.strictObject({ reason: titled(textSchema, '注销原因') }),
  example: { reason: '已搬迁' },
});

export const unitEvents = [
  UnitRegistered,
  UnitDetailsCorrected,
  BaselineSurveyed,
  RiskGraded,
  LeaseRecorded,
  AgreementSigned,
  UnitLedgerChanged,
  UnitListed,
  UnitDelisted,
  SupervisorAssigned,
  SupervisorRelieved,
  UnitClosed,
] as const;
export type UnitEvent = EventOf<(typeof unitEvents)[number]>;
export type UnitDraft = DraftOf<(typeof unitEvents)[number]>;
