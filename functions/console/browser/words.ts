// What the verdicts and their steps are called on the page.
import type { VerifyStep, StepName, EventVerdict } from './verify.ts';

export const VERDICT_NAMES: Record<EventVerdict['state'], string> = {
  verified: '已验证',
  broken: '已被改动',
  unsealed: '尚未签名',
  unable: '未能核验',
};
export const NOT_SEALED = '已在日志中，还没有覆盖它的检查点，几秒后再核验。';

export const STEP_NAMES: Record<StepName, string> = {
  bytes: '取回存储的字节',
  signature: '检查点的签名',
  path: '叶哈希沿证明折算到根',
  shown: '页面所示与字节一致',
  continues: '接续上次所见的检查点',
};

/** A step in words: what was found, or what is wrong. */
export function stepWords({ step, holds, note }: VerifyStep, state: EventVerdict['state']): string {
  if (holds) return HOLDS[step](note);
  if (state === 'unable') return `没有完成（${note}）`;
  return `${FAILS[step]}（${note}）`;
}

const HOLDS: Record<StepName, (note: string) => string> = {
  bytes: (note) => `${note} 字节`,
  signature: (note) => `由公钥 ${note.split('+').slice(0, 2).join('+')} 签名`,
  path: (note) => `经 ${note} 个哈希，与检查点的根相同`,
  shown: () => '相同',
  continues: (note) => (note === '' ? '这个浏览器第一次核验本日志，已记住' : `接续有 ${note} 个事件的检查点`),
};
const FAILS: Record<StepName, string> = {
  bytes: '存储的字节已经没有了',
  signature: '不是由这一公钥签名的，或签名与内容不符',
  path: '这些字节不是登记在这个位置的事件',
  shown: '页面所示与事件本身不同',
  continues: '与这个浏览器以前核验过的检查点矛盾：日志有分叉，或被截短',
};
