// Pieces that several pages are made of: tags, tables that become cards on a phone, lists of facts, page turning, the line that says as
// of when a page is.
import { STATUS_NAMES } from '../../events/hazard.ts';
import type { HazardGrade } from '../../events/inspection.ts';
import type { HazardStatus } from '../../events/hazard.ts';
import { gradeName, STATUS_TONES } from './labels.ts';
import { attribute, html, type Content, type Html } from '../../shared/reading/html.ts';
import { address, type Texts } from './page.ts';
import { untilDue } from './time.ts';
import { townDay, townMinute } from '../../shared/town-time.ts';

export const statusTag = (status: HazardStatus): Html =>
  html`<span class="tag ${STATUS_TONES[status]}">${STATUS_NAMES[status].waits}</span>`;

export const gradeTag = (grade: HazardGrade | null): Content =>
  grade === 'major' ? html`<span class="tag major">重大隐患</span>` : gradeName(grade);

/** A moment, to the minute, in a form that machines read as well. */
export const moment = (instant: string | null | undefined): Content =>
  instant ? html`<time datetime="${instant}">${townMinute(instant)}</time>` : '—';
export const day = (instant: string | null | undefined): Content =>
  instant ? html`<time datetime="${instant}">${townDay(instant)}</time>` : '—';

/** A due date with how long there is still; statuses in which nobody waits for it show the date alone. */
export function dueDate(due: string | null, status: HazardStatus, now: Date): Content {
  if (due === null) return html`<span class="muted">未定</span>`;
  if (status !== 'ordered' && status !== 'rejected') return day(due);
  const late = due < now.toISOString();
  return html`${day(due)} <span class="${late ? 'late' : 'muted'}">${untilDue(due, now)}</span>`;
}

export interface TableColumn<Row> {
  head: string;
  cell: (row: Row) => Content;
  /** figures are aligned right */
  figure?: boolean;
  /** names its row: the card's heading on a phone */
  main?: boolean;
  /** sentences, which may take several lines */
  long?: boolean;
}

/** A table of records; on a narrow screen each row is a card that says what each value is. */
export function records<Row>(caption: string, columns: readonly TableColumn<Row>[], rows: readonly Row[]): Html {
  const table = recordTable(caption, columns, rows);
  if (columns.length <= MANY) return table;
  return html`<div class="scroll cards-when-narrow" role="region" aria-label="${caption}" tabindex="0">${table}</div>`;
}

/** Columns beyond which a table may be wider than a desk's screen. */
const MANY = 8;

function recordTable<Row>(caption: string, columns: readonly TableColumn<Row>[], rows: readonly Row[]): Html {
  return html`<table class="records">
    <caption class="off-screen">
      ${caption}
    </caption>
    <thead>
      <tr>
        ${columns.map(({ head, figure }) => html`<th scope="col" ${attribute('class', figure && 'figure')}>${head}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        (row) =>
          html`<tr>
            ${columns.map((column) => cell(column, row))}
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function cell<Row>({ head, cell: content, figure, main, long }: TableColumn<Row>, row: Row): Html {
  const kind = figure ? 'figure' : long ? 'long' : undefined;
  if (main) return html`<th scope="row">${content(row)}</th>`;
  return html`<td data-head="${head}" ${attribute('class', kind)}>${content(row)}</td>`;
}

/** A table of figures: stays a table, and scrolls within itself where it is too wide. */
export function figures(
  caption: string,
  heads: readonly string[],
  rows: readonly (readonly Content[])[],
  foot?: readonly Content[],
): Html {
  const line = (row: readonly Content[]): Html =>
    html`<tr>
      ${row.map((value, at) => (at === 0 ? html`<th scope="row">${value}</th>` : html`<td class="figure">${value}</td>`))}
    </tr>`;
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0">
    <table class="figures">
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${heads.map((head, at) => html`<th scope="col" ${attribute('class', at > 0 && 'figure')}>${head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(line)}
      </tbody>
      ${
        foot &&
        html`<tfoot>
          ${line(foot)}
        </tfoot>`
      }
    </table>
  </div>`;
}

/** What is known of one thing, name by name. Without a value the line is left out. */
export function facts(lines: readonly (readonly [string, Content])[]): Html {
  const known = lines.filter(([, value]) => value !== undefined && value !== null && value !== false && value !== '');
  return html`<dl class="facts">
    ${known.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

/** Nothing to show, and what to do next. */
export const nothing = (message: string, next?: Content): Html =>
  html`<div class="nothing">
    <p>${message}</p>
    ${next && html`<p>${next}</p>`}
  </div>`;

/** Turning pages forward; back is the browser's. */
export function turning(path: string, query: Texts, cursor: string | undefined, first: boolean): Content {
  if (cursor === undefined && first) return false;
  return html`<nav class="turning" aria-label="翻页">
    ${!first && html`<a href="${address(path, { ...query, cursor: undefined })}">回到第一页</a>`}
    ${cursor !== undefined && html`<a rel="next" href="${address(path, { ...query, cursor })}">下一页</a>`}
  </nav>`;
}

export interface FieldChoice {
  value: string;
  label: string;
}

export interface Filter {
  name: string;
  label: string;
  options: readonly FieldChoice[];
  /** what it means to choose nothing; null: something has to be chosen. Default 全部 */
  any?: string | null;
}

/** Filters: a form that asks the page again; what is chosen is in the address. */
export function filters(path: string, query: Texts, choices: readonly Filter[], kept: readonly string[] = []): Html {
  return html`<form class="filters" method="get" action="${address(path)}" role="search" aria-label="筛选">
    ${kept.map((name) => query[name] && html`<input type="hidden" name="${name}" value="${query[name]}" />`)}
    ${choices.map(
      ({ name, label, options, any = '全部' }) =>
        html`<div>
          <label for="by-${name}">${label}</label>
          <select id="by-${name}" name="${name}">
            ${any !== null && html`<option value="">${any}</option>`}
            ${options.map(
              (option) =>
                html`<option value="${option.value}" ${option.value === query[name] && html` selected`}>
                  ${option.label}
                </option>`,
            )}
          </select>
        </div>`,
    )}
    <button class="button quiet">筛选</button>
    ${Object.values(query).some(Boolean) && html`<a class="reset" href="${address(path)}">清除</a>`}
  </form>`;
}

/** What somebody has just done, at the top of the page that it led to. */
export const done = (message: string | undefined): Content =>
  message !== undefined && html`<div class="done" role="status"><p>${message}</p></div>`;
