// What the platform would refuse at once, told before it is sent: there may be no network to tell it.
import { element, form } from './dom.ts';
import type { DraftFault } from './store.ts';
import { unitNow } from './unit-picker.ts';

export const valueOf = (name: string): string =>
  (form!.elements.namedItem(name) as HTMLInputElement | RadioNodeList | null)?.value ?? '';

export function faultsNow(): DraftFault[] {
  const faults: DraftFault[] = [];
  const say = (field: string, message: string): void => void faults.push({ field, message });
  if (unitNow().unit === '' && valueOf('newName').trim() === '') say('newName', '请选择单位，或填写新单位名称');
  for (const [at, item] of [...form!.querySelectorAll('.item')].entries()) {
    const answer = valueOf(`a-${at}`);
    if (answer === '') say(`a-${at}`, `请选择第 ${at + 1} 项的检查结果`);
    if (answer === 'problem' && item.querySelector('textarea')!.value.trim() === '') {
      say(`t-${at}`, `请填写第 ${at + 1} 项的问题描述`);
    }
  }
  if (valueOf('c-x').trim() !== '' && valueOf('t-x').trim() === '') say('t-x', '请填写检查表以外问题的问题描述');
  if (valueOf('t-x').trim() !== '' && valueOf('c-x').trim() === '') say('c-x', '请填写检查表以外问题的条款');
  if (valueOf('signature') === '') say('signature', '请选择被检查单位签字');
  if (valueOf('signature') === 'refused' && valueOf('refusal').trim() === '') say('refusal', '请填写拒签原因');
  return faults;
}

export function showFaults(faults: readonly DraftFault[]): void {
  document.querySelector('.faults')?.remove();
  if (faults.length === 0) return;
  const lines = faults.map(({ field, message }) =>
    element('li', {}, field ? element('a', { href: `#f-${field}` }, message) : message),
  );
  const summary = element(
    'div',
    { class: 'faults', role: 'alert', tabindex: '-1', 'aria-labelledby': 'faults' },
    element('h2', { id: 'faults' }, '请先改正'),
    element('ul', {}, ...lines),
  );
  document.querySelector('main h1')!.before(summary);
  summary.focus();
}

export function showProgress(): void {
  const items = [...form!.querySelectorAll('.item')];
  const done = items.filter((item) => item.querySelector('input[type=radio]:checked')).length;
  const problems = items.filter((item) => item.querySelector('input[value=problem]:checked')).length;
  const line = form!.querySelector<HTMLElement>('[data-progress]')!;
  line.hidden = items.length === 0;
  line.textContent = `已答 ${done} / ${items.length} 项${problems > 0 ? `，有问题 ${problems} 项` : ''}`;
}
