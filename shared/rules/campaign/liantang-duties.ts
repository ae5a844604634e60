// What Liantang's plan (练府〔2025〕18号) asks to be done, track by track, as definitions of duties (应办事项): data, no code. `plan.section` is
// the clause that asks for it; `plan.proposed` says what in a definition is ours because the plan leaves it open, to be confirmed by the
// town, which publishes its own as further versions.
import { dutyDefinitionSchema, type DutyDefinition } from '../../../events/duty-definition.ts';
import type * as z from 'zod';

type Given = z.input<typeof dutyDefinitionSchema>;
type Field = NonNullable<Given['steps'][number]['fields']>[number];

const number = (field: string, unit: string, more: Partial<Field> = {}): Field => ({
  field,
  kind: 'number',
  unit,
  least: 0,
  ...more,
});
const yes = (field: string): Field => ({ field, kind: 'yes-no' });
const text = (field: string, more: Partial<Field> = {}): Field => ({ field, kind: 'text', ...more });
const day = (field: string): Field => ({ field, kind: 'date' });
const choice = (field: string, ...choices: string[]): Field => ({ field, kind: 'choice', choices });
const must = (field: string, say: string) => ({ rule: 'yes' as const, field, say });
/** `part` is at least so many percent of `whole`. */
const share = (part: string, whole: string, percent: number, say: string) => ({
  rule: 'least' as const,
  sum: [
    { field: part, times: 100 },
    { field: whole, times: -percent },
  ],
  than: 0,
  say,
});
const photos = (least: number, of: string) => ({ least, of });
const on = (date: string) => ({ by: 'date' as const, on: date });
const within = (days: number, after: 'opening' | 'step' = 'opening') => ({ by: 'working-days' as const, days, after });
const inPeriod = { by: 'period' as const };
const monthly = (kinds?: string[]) => ({
  by: 'period' as const,
  every: 'month' as const,
  day: 25,
  ...(kinds && { kinds }),
});
const quarterly = (kinds?: string[]) => ({
  by: 'period' as const,
  every: 'quarter' as const,
  day: 25,
  ...(kinds && { kinds }),
});
const BY_HAND = { by: 'hand' as const };
const WITH_UNIT = { by: 'unit' as const };
const AREA = { by: 'area' as const };
const LEAD = { by: 'lead' as const };
const PERIOD_IS_OURS = '方案未定办理日，拟定为每期末月 25 日';

/** Six musts (六必须) of hot work in crowded places, in the plan's words. */
const MUSTS: readonly (readonly [field: string, say: string])[] = [
  ['清理隔离', '必须清理周边可燃物和易燃易爆物质，有效防火分隔'],
  ['器材水源', '必须配备消防器材，保障消防用水'],
  ['警戒标识', '必须设置警戒线或者安全标识'],
  ['通道畅通', '必须保障疏散通道、安全出口、消防车通道畅通'],
  ['避免交叉', '必须避免与具有火灾、爆炸风险的作业交叉'],
  ['专人监护', '必须安排专门人员全过程监护'],
];

/** One a track: the lead sums up, and pushes what is not signed off. */
const reviews = (
  ['ebike', 'hotwork-industry', 'factory', 'insulation', 'hotwork-crowded', 'gas', 'construction'] as const
).map((track): Given => ({
  duty: `review.${track}`,
  version: 1,
  track,
  name: '隐患复盘',
  plan: { section: '五（三）', proposed: '方案未定办结日，拟定为 12 月 15 日' },
  subject: 'organisation',
  opens: { by: 'date', on: '2025-11-01' },
  owed: LEAD,
  steps: [
    {
      step: 'review',
      name: '复盘',
      fields: [number('未销项隐患', '处'), number('回潮隐患', '处'), text('长效措施')],
      due: on('2025-12-15'),
    },
  ],
}));

const plans = (
  [
    ['chengyun', 'cy'],
    ['guijianban', 'gj'],
  ] as const
).map(([organisation, short]): Given => ({
  duty: `town.sub-plan.${short}`,
  version: 1,
  name: '制定工作子方案',
  plan: { section: '二（三）、五（一）' },
  subject: 'organisation',
  opens: { by: 'date', on: '2025-04-01' },
  owed: { by: 'organisation', organisation },
  steps: [
    {
      step: 'publish',
      name: '印发子方案',
      fields: [text('文号'), day('印发日期')],
      evidence: photos(1, '子方案'),
      due: on('2025-04-30'),
    },
  ],
}));

const GIVEN: readonly Given[] = [
  // 三（一）电动自行车
  {
    duty: 'ebike.violation',
    version: 1,
    track: 'ebike',
    name: '违规停放、充电处置',
    plan: { section: '三（一）1', proposed: '方案未定时限，拟定为 5 个工作日' },
    subject: 'matter',
    opens: BY_HAND,
    owed: AREA,
    steps: [
      {
        step: 'handle',
        name: '劝阻或查处',
        fields: [choice('行为', '违规停放', '进楼入户', '飞线充电'), choice('处置', '劝阻', '查处')],
        evidence: photos(1, '现场照片'),
        due: within(5),
      },
    ],
  },
  {
    duty: 'ebike.charging',
    version: 1,
    track: 'ebike',
    name: '充电设施配建',
    plan: { section: '三（一）1', proposed: '方案未定期限，拟定为 2025 年 12 月 31 日' },
    subject: 'unit',
    opens: WITH_UNIT,
    owed: AREA,
    counts: 'tasks-done',
    steps: [
      {
        step: 'survey',
        name: '配建核查',
        fields: [
          number('电动自行车数', '辆'),
          number('充电端口数', '个'),
          number('步行时间', '分钟'),
          yes('简易消防设施'),
        ],
        rules: [
          share('充电端口数', '电动自行车数', 50, '充电端口与车辆之比低于“1：2”'),
          { rule: 'most', sum: [{ field: '步行时间', times: 1 }], than: 3, say: '步行超过 3 分钟' },
          must('简易消防设施', '充电区域无简易消防设施'),
        ],
        hazard: 'EB-04',
        due: on('2025-12-31'),
      },
    ],
  },
  {
    duty: 'ebike.direct-supply',
    version: 1,
    track: 'ebike',
    name: '充电设施直供电改造',
    plan: { section: '三（一）2' },
    subject: 'unit',
    opens: WITH_UNIT,
    owed: AREA,
    counts: 'tasks-done',
    steps: [
      {
        step: 'convert',
        name: '完成改造',
        fields: [day('完成日期')],
        evidence: photos(1, '电表与供电合同照片'),
        second: true,
        due: on('2025-06-30'),
      },
    ],
  },
  {
    duty: 'ebike.tariff',
    version: 1,
    track: 'ebike',
    name: '执行居民合表电价',
    plan: { section: '三（一）2' },
    subject: 'unit',
    opens: WITH_UNIT,
    owed: AREA,
    counts: 'tasks-done',
    steps: [
      {
        step: 'apply',
        name: '执行电价',
        fields: [day('执行日期'), number('每千瓦时电价', '元')],
        due: on('2025-12-31'),
      },
    ],
  },
  {
    duty: 'ebike.derelict',
    version: 1,
    track: 'ebike',
    name: '“僵尸车”清理',
    plan: { section: '三（一）3', proposed: '公告期与时限为拟定' },
    subject: 'matter',
    opens: BY_HAND,
    owed: AREA,
    steps: [
      {
        step: 'identify',
        name: '认定清理对象',
        fields: [number('认定车辆', '辆', { least: 1 })],
        evidence: photos(1, '车辆照片'),
        due: within(5),
      },
      { step: 'notice', name: '公告', fields: [day('公告日期')], due: within(5, 'step') },
      {
        step: 'clear',
        name: '清理',
        fields: [number('清理车辆', '辆'), number('盘活车位', '个')],
        evidence: photos(1, '清理后照片'),
        due: within(20, 'step'),
      },
    ],
  },
  {
    duty: 'ebike.swapping',
    version: 1,
    track: 'ebike',
    name: '换电渗透率',
    plan: { section: '三（一）4', proposed: '每月填报为拟定' },
    subject: 'town',
    opens: monthly(),
    owed: LEAD,
    steps: [
      {
        step: 'report',
        name: '填报',
        fields: [
          number('电商平台骑手', '人'),
          number('电商平台换电骑手', '人'),
          number('快递企业骑手', '人'),
          number('快递企业换电骑手', '人'),
        ],
        rules: [
          share('电商平台换电骑手', '电商平台骑手', 90, '重点电商平台换电渗透率低于 90%'),
          share('快递企业换电骑手', '快递企业骑手', 50, '快递企业换电渗透率低于 50%'),
        ],
        due: inPeriod,
      },
    ],
  },
  {
    duty: 'ebike.battery-day',
    version: 1,
    track: 'ebike',
    name: '锂电池健康检测（为民服务）',
    plan: { section: '三（一）5', proposed: PERIOD_IS_OURS },
    subject: 'area',
    opens: monthly(),
    owed: AREA,
    steps: [
      {
        step: 'held',
        name: '开展检测',
        fields: [day('活动日期'), number('检测电池', '块'), number('回收电池', '块')],
        evidence: photos(1, '活动照片'),
        due: inPeriod,
      },
    ],
  },
  // 三（二）工贸用电动火
  {
    duty: 'industry.supervisor',
    version: 1,
    track: 'hotwork-industry',
    name: '监管职责到人、到岗',
    plan: { section: '三（二）1' },
    subject: 'unit',
    opens: WITH_UNIT,
    owed: LEAD,
    counts: 'tasks-done',
    steps: [{ step: 'assign', name: '明确监管责任人', fulfilledBy: 'SupervisorAssigned', due: on('2025-04-30') }],
  },
  {
    duty: 'industry.baseline',
    version: 1,
    track: 'hotwork-industry',
    name: '工贸企业底数',
    plan: { section: '三（二）1' },
    subject: 'unit',
    opens: WITH_UNIT,
    owed: AREA,
    counts: 'tasks-done',
    steps: [
      {
        step: 'survey',
        name: '摸清底数',
        fields: [text('行业'), number('从业人数', '人'), yes('涉及动火作业'), yes('涉及用电高风险作业')],
        due: on('2025-04-30'),
      },
    ],
  },
  {
    duty: 'industry.training',
    version: 1,
    track: 'hotwork-industry',
    name: '高风险作业宣传培训',
    plan: { section: '三（二）2', proposed: '每季度一次为拟定' },
    subject: 'area',
    opens: quarterly(),
    owed: AREA,
    steps: [
      {
        step: 'held',
        name: '开展培训',
        fields: [day('培训日期'), number('参训企业', '家'), number('参训人数', '人')],
        evidence: photos(1, '签到表或照片'),
        due: inPeriod,
      },
    ],
  },
  {
    duty: 'industry.penalty',
    version: 1,
    track: 'hotwork-industry',
    name: '一案双罚',
    plan: { section: '三（二）3' },
    subject: 'matter',
    opens: BY_HAND,
    owed: { by: 'organisation', organisation: 'zhifadui' },
    parallel: true,
    steps: [
      {
        step: 'unit',
        name: '处罚单位',
        fields: [text('单位处罚文书号'), { field: '单位罚款', kind: 'money', unit: '元' }],
      },
      {
        step: 'person',
        name: '处罚责任人',
        fields: [text('个人处罚文书号'), { field: '个人罚款', kind: 'money', unit: '元' }],
      },
    ],
  },
  // 三（三）厂房仓库
  {
    duty: 'factory.baseline',
    version: 1,
    track: 'factory',
    name: '厂房仓库底数',
    plan: { section: '三（三）1', proposed: '方案未定时限，拟定为 20 个工作日，上传为 5 个工作日' },
    subject: 'unit',
    opens: WITH_UNIT,
    owed: AREA,
    counts: 'tasks-done',
    steps: [
      {
        step: 'survey',
        name: '排查',
        fields: [
          number('建筑面积', '平方米'),
          number('层数', '层', { least: 1 }),
          number('承租企业', '家'),
          choice('土地性质', '国有', '集体'),
          choice('用途', '厂房', '仓库', '厂房兼仓库'),
        ],
        due: within(20),
      },
      { step: 'upload', name: '上传市级平台', fields: [text('平台回执号')], due: within(5, 'step') },
    ],
  },
  {
    duty: 'factory.agreement',
    version: 1,
    track: 'factory',
    name: '出租安全管理协议',
    plan: { section: '三（三）2', proposed: '方案未定时限，拟定为 10 个工作日，上传为 5 个工作日' },
    subject: 'unit',
    opens: { by: 'event', event: 'LeaseRecorded' },
    owed: AREA,
    counts: 'tasks-done',
    steps: [
      { step: 'sign', name: '签订协议', fulfilledBy: 'AgreementSigned', due: within(10) },
      { step: 'upload', name: '上传系统', fields: [text('平台回执号')], due: within(5, 'step') },
    ],
  },
  {
    duty: 'factory.downgrade',
    version: 1,
    track: 'factory',
    name: 'C、D 类风险降档',
    plan: { section: '三（三）3', proposed: '方案未定时限，拟定为 60 个工作日' },
    subject: 'unit',
    opens: { by: 'event', event: 'RiskGraded', to: ['C', 'D'] },
    owed: AREA,
    counts: 'tasks-done',
    steps: [
      {
        step: 'downgrade',
        name: '降档复核',
        fields: [choice('新等级', 'A', 'B'), text('降档依据')],
        evidence: photos(1, '整改完成的照片或材料'),
        second: true,
        grades: '新等级',
        due: within(60),
      },
    ],
  },
  {
    duty: 'factory.sample',
    version: 1,
    track: 'factory',
    name: 'A、B 类及集体用地厂房抽查复核',
    plan: { section: '三（三）3', proposed: '每月抽查为拟定' },
    subject: 'area',
    opens: monthly(),
    owed: AREA,
    steps: [
      {
        step: 'sample',
        name: '抽查复核',
        fields: [number('抽查单位', '家', { least: 1 }), number('其中集体用地', '家'), number('发现问题', '处')],
        due: inPeriod,
      },
    ],
  },
  {
    duty: 'factory.training',
    version: 1,
    track: 'factory',
    name: '第三方培训',
    plan: { section: '三（三）4', proposed: '每季度一次为拟定' },
    subject: 'town',
    opens: quarterly(),
    owed: LEAD,
    steps: [
      {
        step: 'held',
        name: '开展培训',
        fields: [text('培训机构'), number('网格人员', '人'), number('企业安全管理人员', '人')],
        evidence: photos(1, '签到表或照片'),
        due: inPeriod,
      },
    ],
  },
  // 三（四）建筑保温材料
  {
    duty: 'insulation.facade',
    version: 1,
    track: 'insulation',
    name: '外保温材料与一楼一牌',
    plan: { section: '三（四）1', proposed: '方案未定时限，拟定为 20 个工作日，挂牌为 20 个工作日' },
    subject: 'unit',
    opens: { by: 'unit', kinds: ['高层建筑', '高层住宅'] },
    owed: AREA,
    counts: 'tasks-done',
    steps: [
      {
        step: 'survey',
        name: '现场核查',
        fields: [text('保温材料'), choice('燃烧性能', 'A', 'B1', 'B2', 'B3'), choice('防护层', '完好', '破损', '缺失')],
        rules: (['B1', 'B2', 'B3'] as const).map((is) => ({
          rule: 'one-of' as const,
          field: '防护层',
          values: ['完好'],
          when: { field: '燃烧性能', is },
          say: '可燃外保温的防护层破损或缺失',
        })),
        hazard: 'IN-02',
        due: within(20),
      },
      {
        step: 'plate',
        name: '挂设楼牌',
        fields: [text('楼牌编号')],
        evidence: photos(1, '楼牌照片'),
        due: within(20, 'step'),
      },
    ],
  },
  {
    duty: 'insulation.cold-permit',
    version: 1,
    track: 'insulation',
    name: '新建冷库审批备案',
    plan: { section: '三（四）3', proposed: 'B1 级为最低等级，为拟定' },
    subject: 'matter',
    opens: BY_HAND,
    owed: { by: 'organisation', organisation: 'guijianban' },
    steps: [
      {
        step: 'material',
        name: '核查保温材料',
        fields: [choice('燃烧性能', 'A', 'B1', 'B2', 'B3')],
        rules: [
          { rule: 'one-of', field: '燃烧性能', values: ['A', 'B1'], say: '保温材料燃烧性能不符合要求，一律不予许可' },
        ],
        evidence: photos(1, '检测报告'),
        gate: true,
      },
      { step: 'permit', name: '许可备案', fields: [text('许可文号'), day('许可日期')] },
    ],
  },
  {
    duty: 'insulation.cold-drill',
    version: 1,
    track: 'insulation',
    name: '冷库培训与应急演练',
    plan: { section: '三（四）3', proposed: '每季度一次为拟定' },
    subject: 'unit',
    opens: quarterly(['冷库']),
    owed: AREA,
    steps: [
      {
        step: 'drill',
        name: '培训演练',
        fields: [day('演练日期'), number('参加人数', '人', { least: 1 })],
        evidence: photos(1, '演练照片'),
        due: inPeriod,
      },
    ],
  },
  {
    duty: 'insulation.site-check',
    version: 1,
    track: 'insulation',
    name: '保温施工现场检查',
    plan: { section: '三（四）2', proposed: '每月检查为拟定' },
    subject: 'area',
    opens: monthly(),
    owed: AREA,
    steps: [
      {
        step: 'check',
        name: '现场检查',
        fields: [
          number('检查工地', '处'),
          number('易燃可燃装修', '处'),
          number('违规动火', '处'),
          number('防火分隔不到位', '处'),
          number('消防设施停用', '处'),
        ],
        due: inPeriod,
      },
    ],
  },
  // 三（五）人员密集场所动火
  {
    duty: 'crowded.hot-work',
    version: 1,
    track: 'hotwork-crowded',
    name: '动火作业“六必须”',
    plan: { section: '三（五）1' },
    subject: 'matter',
    opens: BY_HAND,
    owed: AREA,
    steps: [
      { step: 'declare', name: '申报', fields: [text('动火部位'), text('施工单位'), day('动火日期')] },
      {
        step: 'musts',
        name: '六必须核查',
        fields: MUSTS.map(([field]) => yes(field)),
        rules: MUSTS.map(([field, say]) => must(field, say)),
        evidence: photos(6, '每一“必须”各一张照片'),
        gate: true,
      },
      { step: 'start', name: '开始作业', fields: [{ field: '监护人', kind: 'person' }] },
      {
        step: 'end',
        name: '作业结束',
        fields: [yes('现场已清理')],
        rules: [must('现场已清理', '现场没有清理')],
      },
    ],
  },
  {
    duty: 'crowded.small-project',
    version: 1,
    track: 'hotwork-crowded',
    name: '限额以下小型工程',
    plan: { section: '三（五）2', proposed: '提示为 3 个工作日、每 7 天巡查一次为拟定' },
    subject: 'matter',
    opens: BY_HAND,
    owed: AREA,
    steps: [
      { step: 'file', name: '备案', fields: [text('施工单位'), day('开工日期')] },
      {
        step: 'tip',
        name: '消防安全提示',
        fields: [yes('已提示')],
        rules: [must('已提示', '没有作消防安全提示')],
        due: within(3, 'step'),
      },
      { step: 'patrol', name: '日常巡查', fields: [number('发现问题', '处')], every: 7 },
      { step: 'finish', name: '完工', fields: [day('完工日期')] },
    ],
  },
  {
    duty: 'crowded.fire-inquiry',
    version: 1,
    track: 'hotwork-crowded',
    name: '动火火灾延伸调查',
    plan: { section: '三（五）3', proposed: '调查时限为拟定' },
    subject: 'matter',
    opens: BY_HAND,
    owed: LEAD,
    steps: [
      { step: 'open', name: '启动调查', fields: [day('起火日期'), yes('有影响或较大')], due: within(2) },
      {
        step: 'conclude',
        name: '调查结论',
        fields: [text('原因'), text('责任认定')],
        evidence: photos(1, '调查报告'),
        due: within(30, 'step'),
      },
    ],
  },
  // 三（六）城镇燃气
  {
    duty: 'gas.dig',
    version: 1,
    track: 'gas',
    name: '涉燃气管线施工',
    plan: { section: '三（六）1' },
    subject: 'matter',
    opens: BY_HAND,
    owed: AREA,
    steps: [
      {
        step: 'prepare',
        name: '交底、旁站、图纸',
        fields: [yes('已交底'), yes('有旁站'), yes('有图纸')],
        rules: [must('已交底', '无交底不施工'), must('有旁站', '无旁站不开挖'), must('有图纸', '无图纸不作业')],
        evidence: photos(1, '交底记录'),
        gate: true,
      },
      { step: 'start', name: '开工', fields: [day('开工日期')] },
      { step: 'end', name: '完工', fields: [day('完工日期'), yes('管线完好')], rules: [must('管线完好', '管线受损')] },
    ],
  },
  ...(
    [
      ['valves', '用户端管阀免费更换', '应更换管阀', '已更换管阀'],
      ['stoves', '无熄火保护灶具强制更换', '应更换灶具', '已更换灶具'],
    ] as const
  ).map(([short, name, wanted, done]): Given => ({
    duty: `gas.${short}`,
    version: 1,
    track: 'gas',
    name,
    plan: { section: '三（六）2', proposed: '每月填报为拟定' },
    subject: 'area',
    opens: monthly(),
    owed: AREA,
    steps: [{ step: 'report', name: '填报', fields: [number(wanted, '户'), number(done, '户')], due: inPeriod }],
  })),
  {
    duty: 'gas.restaurant',
    version: 1,
    track: 'gas',
    name: '餐饮场所“瓶改管”',
    plan: { section: '三（六）3', proposed: '方案要求今年完成，拟定为 2025 年 12 月 31 日' },
    subject: 'unit',
    opens: { by: 'unit', kinds: ['餐饮'] },
    owed: AREA,
    counts: 'tasks-done',
    steps: [
      { step: 'list', name: '列入清单', fields: [choice('用气方式', '瓶装', '管道', '用电')], due: within(20) },
      {
        step: 'convert',
        name: '完成改造',
        fields: [day('改造日期')],
        evidence: photos(1, '改造后照片'),
        due: on('2025-12-31'),
      },
    ],
  },
  {
    duty: 'gas.households',
    version: 1,
    track: 'gas',
    name: '居民用户“瓶改管”',
    plan: { section: '三（六）3', proposed: '每月填报为拟定' },
    subject: 'area',
    opens: monthly(),
    owed: AREA,
    steps: [
      {
        step: 'report',
        name: '填报',
        fields: [number('瓶装用户', '户'), number('愿改用户', '户'), number('已改用户', '户')],
        due: inPeriod,
      },
    ],
  },
  {
    duty: 'gas.police',
    version: 1,
    track: 'gas',
    name: '违规用气移交公安',
    plan: { section: '三（六）4', proposed: '答复时限为拟定' },
    subject: 'matter',
    opens: BY_HAND,
    owed: LEAD,
    steps: [
      {
        step: 'transfer',
        name: '移交',
        fields: [
          choice('情形', '地下半地下室', '高层建筑', '通天然气小区', '消防疏散通道', '流动设摊'),
          day('移交日期'),
        ],
        evidence: photos(1, '移交材料'),
        due: within(3),
      },
      { step: 'answer', name: '公安答复', fields: [day('答复日期'), text('处理结果')], due: within(10, 'step') },
    ],
  },
  // 三（七）建筑施工
  {
    duty: 'construction.key-posts',
    version: 1,
    track: 'construction',
    name: '关键岗位到岗履职',
    plan: { section: '三（七）1', proposed: '每月检查为拟定' },
    subject: 'unit',
    opens: monthly(),
    owed: AREA,
    steps: [
      {
        step: 'check',
        name: '核查',
        fields: [yes('项目经理在岗'), yes('专职安全员在岗'), yes('总包履职')],
        rules: [
          must('项目经理在岗', '项目经理“挂名不履职”'),
          must('专职安全员在岗', '专职安全员“在岗不担责”'),
          must('总包履职', '总包单位“以包代管”'),
        ],
        hazard: 'CO-01',
        due: inPeriod,
      },
    ],
  },
  {
    duty: 'construction.belt-helmet',
    version: 1,
    track: 'construction',
    name: '“一带一帽”',
    plan: { section: '三（七）2', proposed: '每月检查为拟定' },
    subject: 'unit',
    opens: monthly(),
    owed: AREA,
    steps: [
      {
        step: 'check',
        name: '核查',
        fields: [number('检查人数', '人', { least: 1 }), number('正确佩戴', '人')],
        rules: [share('正确佩戴', '检查人数', 100, '有人未正确佩戴“一带一帽”')],
        hazard: 'CO-03',
        due: inPeriod,
      },
    ],
  },
  {
    duty: 'construction.patrol',
    version: 1,
    track: 'construction',
    name: '重点作业日常检查',
    plan: { section: '三（七）3', proposed: '每月检查为拟定' },
    subject: 'unit',
    opens: monthly(),
    owed: AREA,
    steps: [
      {
        step: 'check',
        name: '检查',
        fields: [
          yes('高处作业'),
          yes('动火作业'),
          yes('起重机械'),
          yes('脚手架'),
          yes('消防管理'),
          number('发现问题', '处'),
        ],
        due: inPeriod,
      },
    ],
  },
  {
    duty: 'construction.unfiled',
    version: 1,
    track: 'construction',
    name: '未备案工程叫停',
    plan: { section: '三（七）4', proposed: '两个工作日内回看为拟定' },
    subject: 'matter',
    opens: BY_HAND,
    owed: AREA,
    steps: [
      { step: 'stop', name: '叫停', fields: [day('叫停日期')], evidence: photos(1, '停工通知'), due: within(1) },
      {
        step: 'look',
        name: '回看',
        fields: [yes('已停工')],
        rules: [must('已停工', '叫停后仍在施工')],
        evidence: photos(1, '现场照片'),
        gate: true,
        due: within(2, 'step'),
      },
      { step: 'file', name: '补办备案', fields: [text('备案号')], due: within(20, 'step') },
    ],
  },
  {
    duty: 'construction.small-list',
    version: 1,
    track: 'construction',
    name: '限额以下工程底数清单',
    plan: { section: '三（七）4', proposed: '每月更新为拟定' },
    subject: 'area',
    opens: monthly(),
    owed: AREA,
    steps: [
      {
        step: 'report',
        name: '更新清单',
        fields: [number('在册工程', '项'), number('本月新增', '项'), number('巡查', '次')],
        due: inPeriod,
      },
    ],
  },
  // 全镇
  ...plans,
  {
    duty: 'town.joint-operation',
    version: 1,
    name: '联合执法行动',
    plan: { section: '六（二）' },
    subject: 'matter',
    opens: BY_HAND,
    owed: { by: 'organisation', organisation: 'zhifadui' },
    steps: [
      {
        step: 'held',
        name: '开展行动',
        fields: [day('行动日期'), text('参加单位'), number('检查单位', '家'), number('立案', '件')],
        evidence: photos(1, '行动照片'),
      },
    ],
  },
  {
    duty: 'town.column',
    version: 1,
    name: '“5+2”专栏推送',
    plan: { section: '六（三）', proposed: '每月一次、由城运中心办理为拟定' },
    subject: 'organisation',
    opens: monthly(),
    owed: { by: 'organisation', organisation: 'chengyun' },
    steps: [
      {
        step: 'publish',
        name: '推送',
        fields: [number('推送篇数', '篇', { least: 1 }), number('其中警示案例', '篇')],
        due: inPeriod,
      },
    ],
  },
  ...(
    [
      ['training', '安全专业培训', '培训日期'],
      ['drill', '应急逃生演练', '演练日期'],
      ['warning', '典型警示教育', '教育日期'],
    ] as const
  ).map(([short, name, date]): Given => ({
    duty: `town.${short}`,
    version: 1,
    name,
    plan: { section: '六（三）', proposed: '每季度一次为拟定' },
    subject: 'area',
    opens: quarterly(),
    owed: AREA,
    steps: [
      {
        step: 'held',
        name: '开展',
        fields: [day(date), number('参加单位', '家'), number('参加人数', '人')],
        evidence: photos(1, '签到表或照片'),
        due: inPeriod,
      },
    ],
  })),
  ...reviews,
];

export const LIANTANG_DUTIES: readonly DutyDefinition[] = GIVEN.map((given) => dutyDefinitionSchema.parse(given));
