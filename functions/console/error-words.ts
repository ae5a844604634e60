// What went wrong, in words for the person in front of the page: by the stable type of the error. An error without words of its own says
// its type, so that whoever is asked for help knows what to look for.
import { inChinese } from '../../events/wording.ts';
import type { DaochaError } from '../../events/errors.ts';
import { own } from '../../shared/own.ts';
import { townMinute } from '../../shared/town-time.ts';
import { fieldZh } from '../../shared/reading/dictionary.ts';

const WORDS: Record<string, string> = {
  // not signed in, not allowed
  unauthenticated: '请先登录。',
  forbidden: '您的角色不能办理这一事项。',
  'foreign-organisation': '这一事项不归您所在的单位办理。',
  'foreign-form': '页面已过期，没有提交。请重新打开页面再提交一次。',
  'sign-in-cancelled': '您取消了登录。',
  'sign-in-refused': '身份提供方没有同意这次登录。',
  'sign-in-stale': '这次登录已失效，请重新登录。登录须在 10 分钟内完成，每次只能用一次。',
  'sign-in-token': '身份提供方签发的令牌不能用于本平台，请联系管理员。',
  'sign-in-unchecked': '这次登录未能核对，请重新登录。',
  // hazards 隐患
  'wrong-transition': '隐患的状态已经变化，现在不能这样办理。请查看最新状态后再办。',
  'due-missing': '请填写整改期限。',
  'due-stays': '期限不变，不用另填日期：在期限内提交、期限过后才复查（或审核）不通过的，才另定期限。',
  'due-past': '整改期限已过，请填写今后的日期。',
  'due-too-late': '期限太长，超过了允许的最长期限。请核对年份。',
  'verifier-is-submitter': '提交整改的人不能自己复查，请由另一人复查。',
  'signed-off-too-early': '销项时间早于隐患发现时间。',
  'no-proposal': '还没有人申请撤并。',
  'second-person-needed': '须由另一人办理，申请人不能自己确认。',
  'duplicate-of-missing': '请填写保留的那一条隐患的编号。',
  'duplicate-elsewhere': '那一条隐患不在同一单位。',
  'duplicate-of-dismissed': '那一条隐患本身已经撤并。',
  'unknown-hazard': '没有这一条隐患。请核对编号。',
  'no-due-date': '还没有整改期限，不能延期。',
  'due-not-later': '延期后的日期应晚于现在的期限。',
  'extension-pending': '已有延期申请在等待审批。',
  'no-extension-request': '没有等待审批的延期申请。',
  'higher-post-needed': '延期须由申请单位以外的上级审批。',
  // what waits for a second person 待确认事项
  'unknown-proposal': '没有这一待确认事项。请核对编号。',
  'proposal-settled': '这一事项已经确认、不同意、撤回或过期。',
  'proposal-expired': '确认期限已过，请重新提请。',
  'proposal-overtaken': '提请之后原来的内容已经变化，不能按原样确认。请不同意或撤回，再重新提请。',
  'proposer-needed': '只有提请人可以撤回；其他人可以不同意。',
  'not-recorded-by-you': '只有当初登记的单位或专班办公室可以提请更正。',
  'reason-missing': '提醒阶梯、上报规则等原有的内容全部去掉的，须说明理由。',
  'holds-post': '此人现任（或将任）职务，不能删除。请先免去，且任职最后一天已过。',
  'erases-itself': '不能删除本人的信息，也不能确认删除本人的信息。',
  // cases that go beyond the town 上报区级
  'unknown-escalation': '没有这一案件。请核对编号。',
  'unknown-dossier': '没有这份材料。请从案件页面下载。',
  'no-proofs': '这份材料汇总时还没有证明包；审计人员可以在倒查页面带走单位的证明。',
  'not-signed-yet': '材料还没有进入签名的日志，请几秒后再下载。',
  'not-missing': '所选材料不在区级所缺之列。',
  'too-many-missing': '所缺材料最多 20 项。',
  'no-route': '规则集没有写明这一专项上报哪个区级单位，请选择区级单位。',
  'hazard-closed': '隐患已经办结，不能上报。',
  // reports 报表
  'unknown-report': '没有这份报表。请核对编号。',
  'report-accepted': '报表已接收，不能再报送。',
  'report-not-submitted': '报表还没有报送，或已经退回。',
  'views-moving': '数据变动太快，请稍后再报送；再提交一次不会重复。',
  // duties 应办事项
  'unknown-duty': '没有这一应办事项。请核对编号。',
  'unknown-definition': '没有发布过这一应办事项。',
  'duty-definition': '应办事项的定义有误，没有发布。请按提示的位置改正。',
  'other-subject': '同一应办事项各版本的对象须一致。',
  'opens-by-itself': '这一事项由平台自动立项，不能手工立项。',
  'subject-missing': '请填写事项所关于的对象或名称。',
  'duty-exists': '这个编号已有应办事项。',
  'duty-closed': '事项已经办结或终止，不能再办理。',
  'duty-stopped': '已被叫停，复工之前不能办理。',
  'duty-not-stopped': '事项没有被叫停。',
  'unknown-step': '没有这一步骤。',
  'step-value': '填报的内容不符合要求，请核对。',
  'proof-missing': '照片或材料不够。',
  'gate-closed': '前一步还有不符合的，不能进行这一步。',
  'step-out-of-order': '请先办前面的步骤。',
  'nothing-to-confirm': '这一步没有等待核验。',
  // units 单位
  'unit-exists': '这个编号已登记为另一单位。',
  'unit-differs': '这个编号在册的是另一单位。',
  'unit-looks-like': '已有名称、地址相同的单位在册，或者登记编号与在册单位的相同，没有登记。',
  'unit-closed': '单位已注销，不能再办理。',
  'unit-not-in-track': '单位不在这一专项内。',
  'duties-open': '单位还有没办结的应办事项，不能注销。请先办结、提请不适用或终止。',
  'hazards-open': '单位还有未销项的隐患，不能注销。',
  'lease-exists': '这个租赁编号已经登记。',
  'unknown-unit': '没有这个单位。请核对编号。',
  'unknown-lease': '没有这条租赁记录。',
  'unknown-inspection': '没有这次检查。请核对编号。',
  'other-unit': '这次检查是另一单位的。',
  'supervision-overlaps': '这一专项已有监管责任人，请先免去再明确新的。',
  'no-supervisor': '这一专项没有此人的监管责任。',
  'relief-before-appointment': '免去日期早于任职日期。',
  'organisation-exists': '这个编号已登记为另一组织。',
  'organisation-looks-like': '已有名称相同的组织。是同一个的不用再登记，不是的请换一个能区分的名称。',
  'other-track': '这次检查属于另一专项。',
  // the roster 名册
  'post-elsewhere': '这一组织没有这一岗位。',
  'appointment-exists': '这个任命编号已用于另一项任命。',
  'appointment-overlaps': '此人在同一时间已任这一岗位。',
  'already-relieved': '已经免去。',
  'unknown-appointment': '没有这项任命。',
  'other-appointment': '这一事件不属于这项任命。',
  'unknown-organisation': '没有这个组织。请核对编号。',
  // the campaign 专项行动
  'campaign-not-launched': '专项行动尚未启动，请管理员先启动。',
  'day-out-of-bounds': '日期离现在太远，请核对年份。',
  'lease-ends-first': '租赁的截止日早于起始日。',
  'occurred-in-future': '发生时间不能晚于现在。',
  'occurred-too-early': '所填发生时间早于可能的时间，请核对。',
  'seen-before-sign-off': '所填发生时间早于隐患复查或销项一天以上。请核对时间；确实如此的，请说明依据。',
  'idempotency-key-reused': '这一页已经提交过另一份内容。请重新打开页面。',
  // evidence 证据
  'evidence-missing': '这份文件还没有送达。',
  'unknown-evidence': '没有这份文件。',
  'event-altered': '数据库中有事件已不是登记时的内容，本页没有据此作答。请保留现场，告知管理员和审计人员。',
  'index-disagrees':
    '存储的记录与可验证索引不符，可能有记录被删去或添入，本页没有据此作答。请保留现场，告知管理员和审计人员。',
  'evidence-altered': '这份文件与记录的哈希不符，没有显示。请联系管理员。',
  'no-evidence-store': '证据文件暂时无法访问，请稍后再试。',
  'checklist-changed': '检查表已经更新。',

  // the platform 平台
  conflict: '同时有其他人在办理，没有提交成功。请再提交一次，不会重复。',
  'too-large': '内容太大，请缩短后再提交。',
  'not-yet-visible': '已经保存，页面稍后才能显示，请过几秒刷新。',
  'store-busy': '系统繁忙，请稍后再试；再提交一次不会重复。',
  'issuer-unreachable': '统一身份认证暂时无法访问，请稍后再试。',
  'unknown-route': '没有这个页面。请核对地址。',
  'access-not-logged': '查阅记录没有写成，因此没有显示内容。请再试一次。',
  'no-view': '视图尚未建立，请管理员重建视图。',
};

/** The words for an error thrown on purpose. @param label what the page calls the field that the error names */
export function wordsFor(error: DaochaError, label?: string): string {
  const { character } = error.facts;
  if (typeof character === 'string') return characterWords(character);
  if (error.type === 'invalid-input' && error.field) return inputWords(error, label);
  if (error.type === 'gate-closed') return `不能进行这一步：${(error.facts['unmet'] as string[]).join('；')}。`;
  if (error.type === 'proof-missing')
    return `照片或材料不够：须有 ${String(error.facts['least'])} 份不同的，现有 ${String(error.facts['given'])} 份。`;
  return (own(WORDS, error.type) ?? `没有办成（${error.type}）。请核对所填内容。`) + boundWords(error);
}

/** Which fields are wrong, and what would be right. */
function inputWords({ field = '', expected = '', facts }: DaochaError, label?: string): string {
  const errors = (facts['errors'] ?? [{ field, message: expected }]) as { field: string; message: string }[];
  const called = (one: string): string => (one === field && label) || fieldZh(one);
  return `${errors.map((one) => `${called(one.field)}：${inChinese(one.message)}`).join('；')}。`;
}

/** What a claimed time, or a day, was held against. */
function boundWords({ facts: { bound, signedOffAt, earliest, latest } }: DaochaError): string {
  if (typeof latest === 'string') return `应在 ${String(earliest)} 至 ${latest} 之间。`;
  if (typeof bound === 'string') return `最早为 ${townMinute(bound)}。`;
  return typeof signedOffAt === 'string' ? `复查或销项于 ${townMinute(signedOffAt)}。` : '';
}

/** The words for a character that is not allowed in a text. @param code `U+000B` */
export const characterWords = (code: string): string =>
  code.startsWith('U+D')
    ? '所填文字中有不完整的字符，请删去后再提交。'
    : code === 'U+FFFD'
      ? '所填文字不是 UTF-8 编码，有的字已经丢失（U+FFFD），请重新填写。'
      : `所填文字中有看不见的控制字符或自定义字符（${code}），请删去后再提交。`;

export const hasWords = (type: string): boolean => Object.hasOwn(WORDS, type);

/**
 * What would let a claimed time pass: words on what it rests, or another time. A claim before the page or the campaign
 * is refused whatever is said; a form that claims no time cannot be mended so.
 */
export function asksFor({ type, field, facts }: DaochaError): 'time' | 'basis' | undefined {
  if (type === 'seen-before-sign-off' || facts['askable'] === true) return 'basis';
  return field === 'occurredAt' ? 'time' : undefined;
}

/** Whether the same page may simply be sent again, with the same key: nothing is known to be wrong with what was filled in. */
export const sendAgain = (error: DaochaError): boolean => error.status >= 500 || error.status === 409;
