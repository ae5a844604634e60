// What can be wrong with a bundle or with a live log, and where. Every problem is one line for people, and has a kind that
// scripts can tell apart by the exit code.
import { visibleLine } from '../../text.ts';

export const PROBLEM_KINDS = [
  'wrong-key',
  'witness',
  'time-stamp',
  'forked',
  'truncated',
  'altered',
  'missing',
  'inserted',
  'reordered',
  'unsigned',
  'mismatched',
  'evidence',
  'extra',
  'unreadable',
  'back-dated',
  'index',
] as const;
export type ProblemKind = (typeof PROBLEM_KINDS)[number];

/** Exit codes of `daocha audit verify` and `daocha audit check`: that of the first problem. 0 nothing wrong, 2 usage, 3 not reached. */
export const EXIT_CODES: Record<ProblemKind, number> = {
  altered: 10,
  missing: 11,
  reordered: 12,
  inserted: 13,
  truncated: 14,
  forked: 15,
  'wrong-key': 16,
  witness: 17,
  extra: 18,
  evidence: 19,
  unreadable: 20,
  'time-stamp': 21,
  /** no declared component signed for it */
  unsigned: 22,
  /** what is stored beside the events is not what the events say */
  mismatched: 23,
  'back-dated': 24,
  index: 25,
};

export interface AuditProblem {
  kind: ProblemKind;
  /** a file of the bundle, a commit `stream@version`, an item of the LOG table */
  where: string;
  /** in the log, when it is about one event */
  position?: number;
  message: string;
}

/** `altered: leaves/12.json: position 12: …` */
export const problemLine = ({ kind, where, position, message }: AuditProblem): string =>
  visibleLine(`${kind}: ${where}: ${position === undefined ? '' : `position ${position}: `}${message}`);

const KEPT = 100;

/** Problems in the order found; the first hundred are kept, all are counted. Many that are back-dated, after an outage, never hide others. */
export class Problems {
  readonly kept: AuditProblem[] = [];
  count = 0;

  add(problem: AuditProblem): void {
    this.count += 1;
    if (this.kept.length < KEPT) this.kept.push(problem);
    else {
      const less = problem.kind === 'back-dated' ? -1 : this.kept.findLastIndex(({ kind }) => kind === 'back-dated');
      if (less >= 0) this.kept.splice(less, 1, problem);
    }
  }

  /** What says most comes first, as the exit code is that of the first. */
  listed(): AuditProblem[] {
    return this.kept.toSorted((a, b) => Number(a.kind === 'back-dated') - Number(b.kind === 'back-dated'));
  }

  has(where: string): boolean {
    return this.kept.some((problem) => problem.where === where);
  }
}
