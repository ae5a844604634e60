// 应办事项: one duty, with its steps as a line, what each was done with, and the forms that its definition asks for.
import { DUTY_STATUS_NAMES, type DutyStatus } from '../../../events/duty.ts';
import { html, type Html } from '../../../shared/reading/html.ts';
import type { Tone } from '../labels.ts';

const TONES: Record<DutyStatus, Tone> = {
  open: 'todo',
  stopped: 'bad',
  done: 'done',
  'not-applicable': 'off',
  abandoned: 'off',
};
export const dutyTag = (status: DutyStatus): Html =>
  html`<span class="tag ${TONES[status]}">${DUTY_STATUS_NAMES[status]}</span>`;
