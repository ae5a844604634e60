// The evidence (证据) of an event: photos as they are, papers as links; each with its hash, by which anybody can check the file.
import type { Evidence } from '../../../events/envelope.ts';
import { html, type Content, type Html } from '../../../shared/reading/html.ts';
import { address } from '../page.ts';
import { townMinute } from '../../../shared/town-time.ts';

const SIDE = 96; // px

/** @param event id of the event that names the files: who may read it may see them */
export function shots(event: string, evidence: readonly Evidence[]): Content {
  return (
    evidence.length > 0 &&
    html`<ul class="shots" aria-label="证据">
      ${evidence.map((file) => shot(event, file))}
    </ul>`
  );
}

function shot(event: string, { sha256, mediaType, takenAt }: Evidence): Html {
  const path = address(`/evidence/${sha256}`, { event });
  const taken = takenAt && `摄于 ${townMinute(takenAt)}`;
  const picture = mediaType.startsWith('image/');
  return html`<li>
    <a href="${path}">
      ${
        picture
          ? html`<img
              src="${path}"
              alt="照片${taken && `，${taken}`}"
              width="${SIDE}"
              height="${SIDE}"
              loading="lazy"
              decoding="async"
            />`
          : mediaType
      }
    </a>
    <span class="sub"><code title="${sha256}">${sha256.slice(0, 12)}</code> ${taken}</span>
  </li>`;
}
