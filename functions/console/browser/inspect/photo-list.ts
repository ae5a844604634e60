// Photos of a draft: made smaller and turned the right way, hashed, kept with the draft, shown; each file that cannot
// be kept is named with why.
import { element } from './dom.ts';
import { exifTime, isHeic } from './exif.ts';
import { Refused, Unsure } from './send.ts';
import { isFull, photos, type Photo } from './store.ts';
import { townMinute } from '../../../../shared/town-time.ts';

/** Longest side of a photo in pixels; a clause can be read in it, and it passes over a bad line. */
const SIDE = 1600;
const QUALITY = 0.8;
const MOST_PHOTOS = 50;
/** Bytes in which a camera writes when it was taken. */
const HEAD = 256 * 1024;

/** What is said beside the name of a file. */
class NotTaken extends Error {}

export async function addPhotos(draft: string, part: HTMLElement, files: readonly File[]): Promise<void> {
  const name = part.dataset['photos']!;
  const faults: HTMLElement[] = [];
  for (const file of files) {
    try {
      await addPhoto(draft, name, file);
    } catch (error) {
      faults.push(element('li', { class: 'fault' }, `${file.name}：${whyNot(error)}`));
    }
  }
  part.querySelector('ul')!.append(...faults);
}

export function whyNot(error: unknown): string {
  if (error instanceof Unsure || error instanceof Refused) return error.message;
  if (error instanceof NotTaken) return error.message;
  if (isFull(error)) return '本机空间不足，照片没有存下';
  return '这个浏览器不能保存照片（无痕模式或系统过旧），检查内容已存下';
}

/** A photo as it is sent: smaller, turned the right way, with its hash. */
export async function shrunk(file: File): Promise<Pick<Photo, 'sha256' | 'type' | 'takenAt' | 'blob'>> {
  const head = new DataView(await file.slice(0, HEAD).arrayBuffer());
  const blob = await smaller(file).catch(() => {
    throw new NotTaken(
      isHeic(head, file.name)
        ? '是 HEIC 格式，这个浏览器不能读。请把相机设置改为 JPEG（兼容性最佳）后重拍，或上传截图'
        : '不是能读的图片',
    );
  });
  return { sha256: await sha256(blob), type: 'image/jpeg', ...takenAt(head, file), blob };
}

async function addPhoto(draft: string, name: string, file: File): Promise<void> {
  if ((await photos.of(draft)).length >= MOST_PHOTOS) throw new NotTaken(`一次检查最多 ${MOST_PHOTOS} 张照片`);
  const made = await shrunk(file);
  const known = await photos.get(draft, made.sha256);
  const photo = known ?? { draft, ...made, fields: [] };
  if (!photo.fields.includes(name)) await photos.put({ ...photo, fields: [...photo.fields, name] });
}

/** When a JPEG says that it was taken, else when the file was made. */
function takenAt(head: DataView, { lastModified }: File): { takenAt?: string } {
  const said = exifTime(head);
  const at = said === undefined ? lastModified : Date.parse(said);
  return Number.isFinite(at) && at > 0 ? { takenAt: new Date(Math.min(at, Date.now())).toISOString() } : {};
}

/** A smaller JPEG, turned the right way, without what the camera wrote into it (place, make). @throws when it is no picture */
async function smaller(file: Blob): Promise<Blob> {
  // an image and not createImageBitmap, whose options older browsers do not know: there a photo would lie on its side
  const picture = new Image();
  picture.src = URL.createObjectURL(file);
  try {
    await picture.decode();
    const { naturalWidth: width, naturalHeight: height } = picture;
    const scale = Math.min(1, SIDE / Math.max(width, height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.round(width * scale));
    canvas.height = Math.max(1, Math.round(height * scale));
    canvas.getContext('2d')!.drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', QUALITY));
    if (!blob) throw new Error('no picture');
    return blob;
  } finally {
    URL.revokeObjectURL(picture.src);
  }
}

async function sha256(blob: Blob): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export async function showPhotos(draft: string, parts: Iterable<HTMLElement>): Promise<void> {
  const all = await photos.of(draft);
  for (const part of parts) {
    const name = part.dataset['photos']!;
    const list = part.querySelector('ul')!;
    const faults = [...list.querySelectorAll('.fault')];
    for (const image of list.querySelectorAll('img')) URL.revokeObjectURL(image.src);
    const own = all.filter(({ fields }) => fields.includes(name));
    const drop = async (photo: Photo): Promise<void> => {
      const fields = photo.fields.filter((one) => one !== name);
      if (fields.length > 0) await photos.put({ ...photo, fields });
      else await photos.drop(photo);
      await showPhotos(draft, [part]);
    };
    list.replaceChildren(...own.map((photo, at) => thumbnail(photo, at + 1, () => drop(photo))), ...faults);
  }
}

function thumbnail({ takenAt: taken, blob }: Photo, at: number, onclick: () => unknown): HTMLElement {
  const when = taken === undefined ? '时间不明' : townMinute(taken);
  return element(
    'li',
    {},
    element('img', { src: URL.createObjectURL(blob), alt: `照片 ${at}，摄于 ${when}`, width: '96', height: '96' }),
    element('span', { class: 'sub' }, `${Math.ceil(blob.size / 1024)} KB`),
    element('button', { type: 'button', class: 'button quiet', 'aria-label': `删除照片 ${at}`, onclick }, '删除'),
  );
}
