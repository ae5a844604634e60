// Photos of a step (应办事项): made smaller, hashed and put where the platform says as soon as they are chosen; the form then names them.
// There is no draft here: it needs network, and says so.
import { element } from './inspect/dom.ts';
import { shrunk, whyNot } from './inspect/photo-list.ts';
import { putPhoto } from './inspect/send.ts';

async function add(part: HTMLElement, file: File, csrf: string): Promise<void> {
  const photo = await shrunk(file);
  await putPhoto(photo, csrf);
  const { sha256, type, takenAt } = photo;
  const value = JSON.stringify({ sha256, mediaType: type, ...(takenAt && { takenAt }) });
  const line = element(
    'li',
    {},
    element('img', { src: URL.createObjectURL(photo.blob), alt: '照片', width: '96', height: '96' }),
  );
  line.append(
    element('input', { type: 'hidden', name: 'evidence', value }),
    element('button', { type: 'button', class: 'button quiet', onclick: () => line.remove() }, '删去'),
  );
  part.querySelector('ul')!.append(line);
}

for (const part of document.querySelectorAll<HTMLElement>('[data-photos]')) {
  const csrf = part.closest('form')!.querySelector<HTMLInputElement>('[name=csrf]')!.value;
  const input = part.querySelector('input')!;
  input.addEventListener('change', () => {
    const files = [...input.files!];
    input.value = ''; // the same photo can be chosen again
    for (const file of files) {
      const waits = element('li', {}, `${file.name}：正在上传……`);
      part.querySelector('ul')!.append(waits);
      add(part, file, csrf)
        .then(() => waits.remove())
        .catch((error: unknown) => {
          waits.className = 'fault';
          waits.textContent = `${file.name}：${whyNot(error)}`;
        });
    }
  });
}
