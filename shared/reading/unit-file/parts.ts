// Small parts of which the sections of a dossier are made: tables, positions, names.
import type { CampaignDefinition } from '../../../events/campaign.ts';
import type { EventRef } from '../trace/event-ref.ts';
import { html, type Content, type Html } from '../html.ts';
import { basisZh, organisationName as nameIn } from '../dictionary.ts';

/** What a dossier is shown with. */
export interface DossierSetting {
  /** names of organisations and tracks; without it their ids */
  campaign?: CampaignDefinition | undefined;
  /** the proof bundle beside it, relative to the file; null: there is none, `why` says why */
  bundle: { path: string; size: number; root: string; origin: string; holds: (position: number) => boolean } | null;
  why?: string | undefined;
  /** when it was compiled */
  at: string;
}

export interface Section {
  id: string;
  title: string;
  count: number | null;
  body: Html;
}

/** A cell: its content, and the class of its `td`. */
export type Cell = Content | { class: string; content: Content };

const isClassed = (cell: Cell): cell is { class: string; content: Content } =>
  typeof cell === 'object' && cell !== null && 'class' in cell;

export function tableOf(heads: readonly string[], rows: readonly (readonly Cell[])[], none = '没有记录。'): Html {
  if (rows.length === 0) return html`<p class="none">${none}</p>`;
  return html`<table>
    <thead>
      <tr>
        ${heads.map((head) => html`<th scope="col">${head}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        (row) =>
          html`<tr>
            ${row.map((cell) => (isClassed(cell) ? html`<td class="${cell.class}">${cell.content}</td>` : html`<td>${cell}</td>`))}
          </tr> `,
      )}
    </tbody>
  </table>`;
}

export const time = (text: Content): Cell => ({ class: 'time', content: text });
export const narrow = (content: Content): Cell => ({ class: 'narrow', content });
export const who = (content: Content): Cell => ({ class: 'who', content });
export const line = (content: Content): Html => html`<span class="line">${content}</span>`;

/** On what the claimed times of some events rest: of one act each in the same words, which appear once. */
export const basisLines = (events: readonly EventRef[]): Html[] =>
  [...new Set(events.map(({ lateBasis }) => basisZh(lateBasis)))].filter(Boolean).map(line);

/** Log positions, each once; those in the bundle link to the event's bytes. */
export function positionCell(events: readonly EventRef[], setting: DossierSetting): Cell {
  const positions = [...new Set(events.map(({ position }) => position))].toSorted((a, b) => a - b);
  return { class: 'pos', content: positions.map((position) => positionLink(position, setting)) };
}

function positionLink(position: number, { bundle }: DossierSetting): Html {
  return bundle?.holds(position)
    ? html`<a class="p" href="${bundle.path}/leaves/${position}.json">${position}</a> `
    : html`<span class="p">${position}</span> `;
}

/** What was inferred from a register is marked. */
export const inferredTag = (derived: boolean): Content => derived && html` <span class="tag dim">推断</span>`;

export const organisationName = (id: string | null, { campaign }: DossierSetting): string =>
  id === null ? '' : nameIn(campaign, id);
