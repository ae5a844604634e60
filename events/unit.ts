// Stream category `unit` (单位/场所): what is known of a unit, its risk grade, its ledger of open hazards, and whether it
// stands on the sign-off list (销项名单). The list is a fact about the unit, apart from the state of any one hazard.
import * as z from 'zod';
import {
  dateSchema,
  defineEvent,
  idSchema,
  longer,
  personSchema,
  placeSchema,
  textSchema,
  trackSchema,
  type DraftOf,
  type EventOf,
} from './envelope.ts';
import { titled } from './field.ts';

/** Risk grades A (low) to D (high), as the factory track uses them (plan 三（三）3). */
export const RISK_GRADES = ['A', 'B', 'C', 'D'] as const;
export type RiskGrade = (typeof RISK_GRADES)[number];
const riskGrade = titled(z.enum(RISK_GRADES), '风险等级', {
  choices: { A: ['A 级', '低风险'], B: ['B 级', '一般风险'], C: ['C 级', '较高风险'], D: ['D 级', '高风险'] },
});

const nameSchema = z.string().trim().min(1).max(200);
const externalSchema = z.strictObject({ system: z.string().min(1).max(64), id: z.string().min(1).max(128) });

export const unitDetailsSchema = z.strictObject({
  name: nameSchema,
  /** 单位类型: restaurant, factory, residential building … */
  kind: z.string().trim().min(1).max(80).optional(),
  address: z.string().trim().min(1).max(300).optional(),
  /** village or residents' committee (村居) in whose area it lies */
  area: idSchema.optional(),
  tracks: z.array(trackSchema).min(1).max(7),
  location: placeSchema.optional(),
  /** its id in somebody else's register */
  external: externalSchema.optional(),
});
export type UnitDetails = z.infer<typeof unitDetailsSchema>;

/** Units on record that it reads like and was said not to be: the same name, and nothing in the address to tell them apart. */
export const distinctFromSchema = z.array(idSchema).min(1).max(100);

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
  data: z.strictObject({ details: unitDetailsSchema, distinctFrom: distinctFromSchema.optional() }),
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
    target: z.string().min(1).max(200),
    before: unitDetailsSchema,
    after: unitDetailsSchema,
    reason: textSchema,
    /** person who approved the correction, not the one who makes it */
    approver: personSchema,
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
    facts: z.record(z.string().min(1).max(80), z.union([longer(z.string().max(500)), z.number(), z.boolean()])),
  }),
  example: { track: 'gas', facts: { 用气方式: '瓶装', 气瓶数: 2, 熄火保护: true } },
});

export const RiskGraded = defineEvent({
  type: 'RiskGraded',
  category: 'unit',
  zh: '风险评定',
  data: z.strictObject({ from: riskGrade.nullable(), to: riskGrade, basis: titled(textSchema, '评定依据') }),
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
    from: titled(dateSchema, '起始日'),
    to: titled(dateSchema, '截止日').optional(),
  }),
  example: { lease: 'l-1', lessor: '甲公司', lessee: '乙公司', from: '2025-01-01' },
});

export const AgreementSigned = defineEvent({
  type: 'AgreementSigned',
  category: 'unit',
  zh: '签订安全管理协议',
  data: z.strictObject({ lease: titled(idSchema, '租赁编号'), signedOn: titled(dateSchema, '签订日期') }),
  example: { lease: 'l-1', signedOn: '2025-05-06' },
});

const hazardIds = z.array(idSchema).max(100);
export const UnitLedgerChanged = defineEvent({
  type: 'UnitLedgerChanged',
  category: 'unit',
  zh: '单位隐患台账变动',
  data: z.strictObject({
    opened: hazardIds,
    signedOff: hazardIds,
    /** closed otherwise: duplicate or invalid */
    dismissed: hazardIds,
    /** how many are open after this */
    open: z.number().int().min(0),
  }),
  example: { opened: ['h_1'], signedOff: [], dismissed: [], open: 1 },
});

export const UnitListed = defineEvent({
  type: 'UnitListed',
  category: 'unit',
  zh: '列入销项名单',
  data: z.strictObject({ hazard: idSchema }),
  example: { hazard: 'h_1' },
});

export const UnitDelisted = defineEvent({
  type: 'UnitDelisted',
  category: 'unit',
  zh: '移出销项名单',
  data: z.strictObject({ reason: z.enum(['recurrence', 'new-hazard']), hazards: z.array(idSchema).min(1).max(100) }),
  example: { reason: 'recurrence', hazards: ['h_1'] },
});

export const SupervisorAssigned = defineEvent({
  type: 'SupervisorAssigned',
  category: 'unit',
  zh: '明确监管责任人',
  data: z.strictObject({
    track: titled(trackSchema, '专项'),
    person: titled(personSchema, '人员编号'),
    post: titled(z.string().min(1).max(128), '岗位'),
    organisation: titled(idSchema, '组织', { as: 'organisation' }),
    /** first day, in town time */
    from: titled(dateSchema, '起始日'),
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
    until: titled(dateSchema, '最后一天'),
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
