// Elements made by script: nothing of what is put into them is read as HTML.
type Listener = () => unknown;

export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Record<string, string | Listener> = {},
  ...children: (Node | string | false | undefined)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'string') made.setAttribute(key, value);
    else made.addEventListener(key.replace(/^on/, ''), value);
  }
  made.append(...children.filter((child): child is Node | string => child !== undefined && child !== false));
  return made;
}

/** The parts of the page that 检查 works with. */
export const box = document.querySelector<HTMLElement>('[data-outbox]')!;
export const form = document.querySelector<HTMLFormElement>('main > form');
export const deviceLine = (): HTMLElement => box.querySelector<HTMLElement>('[data-device]')!;
