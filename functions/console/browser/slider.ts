// The slider of “as known at”: it goes through the moments that the page lists as links. Let go, the answer is asked again and put in the
// place of the old one, and the address says so; no page is loaded.

/** Nobody waits longer than this for a key that is held down. */
const REST = 250;

/** Who reads, and on what ground, as the page says. */
const headOf = (page: Document): string => page.querySelector('.who')?.textContent.trim() ?? '';

export function followSlider(): void {
  const box = document.querySelector<HTMLElement>('[data-slider]');
  const answer = document.querySelector<HTMLElement>('#answer');
  if (!box || !answer) return;
  const slider = box.querySelector<HTMLInputElement>('input')!;
  const says = box.querySelector('output')!;
  const links = [...document.querySelectorAll<HTMLAnchorElement>('.moments a')];
  box.hidden = false;
  const steps = document.querySelectorAll<HTMLElement>('[data-step]');
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked: AbortController | undefined;

  const show = (): HTMLAnchorElement => {
    const link = links[Number(slider.value)]!;
    says.textContent = link.textContent.trim();
    slider.setAttribute('aria-valuetext', says.textContent);
    for (const one of steps) {
      one.hidden = links[Number(slider.value) + Number(one.dataset['step'])] === undefined;
    }
    return link;
  };
  const go = async (): Promise<void> => {
    const link = show();
    asked?.abort();
    asked = new AbortController();
    const { signal } = asked;
    answer.setAttribute('aria-busy', 'true');
    try {
      const address = new URL(link.href);
      address.searchParams.set('part', 'answer');
      const answered = await fetch(address, { signal, redirect: 'error' });
      const page = new DOMParser().parseFromString(await answered.text(), 'text/html');
      const fresh = page.querySelector('#answer');
      // signed out, a fault of the whole page, or another person or ground by now: let the browser show it
      if (!fresh || headOf(page) !== headOf(document)) return location.assign(link.href);
      answer.replaceChildren(...fresh.childNodes);
      const asOf = page.querySelector('.as-of');
      if (asOf) document.querySelector('.as-of')?.replaceWith(asOf);
      history.replaceState(null, '', link.href);
      settle(links, link);
    } catch {
      if (!signal.aborted) location.assign(link.href);
    } finally {
      if (!signal.aborted) answer.removeAttribute('aria-busy');
    }
  };
  const later = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void go(), REST);
  };
  const step = (by: number): void => {
    slider.value = String(Number(slider.value) + by);
    void go();
  };
  slider.addEventListener('input', () => {
    show();
    later();
  });
  slider.addEventListener('change', later);
  for (const [nth, link] of links.entries()) {
    link.addEventListener('click', (event) => {
      event.preventDefault();
      slider.value = String(nth);
      void go();
    });
  }
  // the two links beside it go by the slider from now on
  for (const link of steps) {
    link.addEventListener('click', (event) => {
      event.preventDefault();
      step(Number(link.dataset['step']));
    });
  }
  show();
}

/** What else on the page says the moment. */
function settle(links: readonly HTMLAnchorElement[], current: HTMLAnchorElement): void {
  for (const link of links) link.removeAttribute('aria-current');
  current.setAttribute('aria-current', 'true');
  const field = document.querySelector<HTMLInputElement>('#q-knownAt');
  if (field) field.value = current.dataset['known'] ?? '';
  const tabs = document.querySelectorAll<HTMLAnchorElement>('nav.tabs a');
  for (const tab of tabs) {
    const address = new URL(tab.href);
    const known = current.dataset['known'];
    if (known) address.searchParams.set('knownAt', known);
    else address.searchParams.delete('knownAt');
    tab.href = address.href;
  }
}
