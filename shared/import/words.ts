// The words of a town's tables and what they mean. Width, letter case, blanks and `、` do not count. A word that means one thing in one
// table and the opposite in the next is asked about, never taken.
import { TRACK_NAMES, TRACKS, type Track } from '../../events/envelope.ts';
import { MODE_NAMES, type HazardGrade, type InspectionMode } from '../../events/inspection.ts';
import type { ImportedAnswer } from './command.ts';

export type Words<T> = ReadonlyMap<string, T>;

/** A word as it is looked up. */
export const wordOf = (text: string): string =>
  text
    .normalize('NFKC')
    .replaceAll(/[\s\p{Cf}、]/gu, '')
    .toLowerCase();

const meaning = <T>(words: readonly (readonly [T, readonly string[]])[]): Words<T> =>
  new Map(words.flatMap(([means, list]) => list.map((word) => [wordOf(word), means] as const)));

export const MODES: Words<InspectionMode> = meaning([
  ['routine', ['', MODE_NAMES.routine, 'routine']],
  ['covert', [MODE_NAMES.covert, '明察暗访', 'covert']],
  ['surprise', [MODE_NAMES.surprise, 'surprise']],
  ['joint', [MODE_NAMES.joint, 'joint']],
  ['recheck', [MODE_NAMES.recheck, '复查', 'recheck']],
]);

export const ANSWERS: Words<ImportedAnswer['answer']> = meaning([
  ['problem', ['有', '是', 'yes', 'y', '有隐患', '不合格', '存在', 'problem']],
  ['ok', ['无', '否', 'no', 'n', '无隐患', '合格', 'ok']],
  ['not-applicable', ['不适用', 'n/a']],
]);

/** `√` is “in order” in one table and “has one” in the next; codes run both ways. */
export const EITHER_WAY: ReadonlySet<string> = new Set(Array.from('√✓✔☑×✕✖✗✘☒xo○●◯△10', wordOf));

export const GRADES: Words<HazardGrade> = meaning([
  ['general', ['一般', '一般隐患', 'general']],
  ['major', ['重大', '重大隐患', 'major']],
]);

/** Beginnings of the tracks' Chinese names; a name may go on (城镇燃气安全综合治理). */
const BEGINNINGS: Words<Track> = meaning([
  ['ebike', [TRACK_NAMES.ebike]],
  ['hotwork-industry', [TRACK_NAMES['hotwork-industry'], '工贸行业']],
  ['factory', [TRACK_NAMES.factory]],
  ['insulation', [TRACK_NAMES.insulation, '建筑保温']],
  ['hotwork-crowded', [TRACK_NAMES['hotwork-crowded'], '人员密集场所']],
  ['gas', [TRACK_NAMES.gas]],
  ['construction', [TRACK_NAMES.construction]],
]);
const WHOLE: Words<Track> = meaning<Track>([
  ...TRACKS.map((track) => [track, [track]] as const),
  ['gas', ['燃气']],
  ['ebike', ['电动车']],
]);
export const KNOWN_TRACKS = [...BEGINNINGS.keys(), '燃气', '电动车'].join('、');

export function trackByName(text: string): Track | undefined {
  const word = wordOf(text);
  return WHOLE.get(word) ?? [...BEGINNINGS].find(([beginning]) => word.startsWith(beginning))?.[1];
}
