// The unit of an inspection: named by the page, or chosen from those kept on the device.
import { box, element, form } from './dom.ts';
import { deviceFacts } from './store.ts';

const lead = document.querySelector<HTMLElement>('[data-unit]');
export const unitNow = (): { unit: string; name: string } => ({
  unit: lead?.dataset['unit'] ?? '',
  name: lead?.dataset['name'] ?? '',
});

export function chooseUnit(unit: string, name: string): void {
  lead!.dataset['unit'] = unit;
  lead!.dataset['name'] = name;
  lead!.textContent = name;
  for (const [field, value] of Object.entries({ unit, unitName: name })) {
    if (!form!.elements.namedItem(field)) form!.prepend(element('input', { type: 'hidden', name: field }));
    (form!.elements.namedItem(field) as HTMLInputElement).value = value;
  }
  const part = form!.querySelector('[data-new-unit]');
  if (!part) return;
  for (const control of part.querySelectorAll<HTMLInputElement>('[name^=new]')) control.disabled = unit !== '';
  part.classList.toggle('chosen', unit !== '');
}

/** The units kept on this device, by name. @param changed when another one is chosen @param asked the one that the address names */
export async function offerUnits(changed: () => void, asked: string | null): Promise<void> {
  const picker = form!.querySelector<HTMLElement>('[data-picker]');
  const kept = await deviceFacts.get('kept');
  if (!picker || kept?.person !== box.dataset['person']) return;
  const track = location.pathname.split('/').pop()!;
  const units = kept!.units.filter(({ tracks }) => tracks.includes(track));
  picker.hidden = false;
  const search = picker.querySelector('input')!;
  const list = picker.querySelector('ul')!;
  const look = (): void => {
    const words = search.value.trim();
    const found = words === '' ? [] : units.filter(({ name }) => name.includes(words)).slice(0, 8);
    list.replaceChildren(
      ...found.map(({ unit, name }) => {
        const choose = (): void => {
          chooseUnit(unit, name);
          list.replaceChildren();
          search.value = name;
          changed();
        };
        return element('li', {}, element('button', { type: 'button', class: 'button quiet', onclick: choose }, name));
      }),
    );
    if (words !== '' && found.length === 0) {
      list.append(element('li', { class: 'muted' }, '本机没有这个单位；可以当场登记。'));
    }
    if (unitNow().unit !== '' && words !== unitNow().name) chooseUnit('', '');
  };
  search.addEventListener('input', look);
  const named = units.find(({ unit }) => unit === asked);
  if (named && unitNow().unit === '') {
    chooseUnit(named.unit, named.name);
    search.value = named.name;
  }
}
