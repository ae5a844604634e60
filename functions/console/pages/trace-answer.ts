// An answer of the trace as a page shows it: what was asked, as known when, the facts in the tables that the terminal
// shows too, behind each row its events, what was late and what was corrected. The script of the page
// (browser/proof.ts) verifies the events where it finds them.
import type { EventRef } from '../../../shared/reading/trace/event-ref.ts';
import type { QuestionName } from '../../../shared/reading/trace/questions.ts';
import { knownZh, subjectLines } from '../../../shared/reading/trace/answer-heading.ts';
import { besides, importedLate, TABLES, type Row, type Table } from '../../../shared/reading/trace/tables.ts';
import type { TraceAnswer } from '../../../shared/reading/trace/answer.ts';
import type { Traced } from '../answers.ts';
import { html, joined, trusted, type Content, type Html } from '../../../shared/reading/html.ts';
import { to } from '../page.ts';
import { facts, moment, nothing, records, type TableColumn } from '../components.ts';

export const eventPath = (position: number): string => `/trace/events/${position}`;

/** @param name the question; a page of an answer that goes on says where by `more` */
export function answerBody(name: QuestionName, answer: Traced, more?: Content): Html {
  const tables = TABLES[name](answer as TraceAnswer<never>);
  const imported = importedLate(answer);
  return html`
    <p class="lead">${knownZh(answer)}</p>
    ${facts(subjectLines(answer))}
    ${tables.length === 0 ? nothing('没有记录。') : tables.map((table) => shown(table, answer.zh))} ${more}
    ${besides(answer).map((table) => shown(table, table.title))}
    ${imported > 0 && html`<p class="muted">另有 ${imported} 条由台账导入，均为事后推断。</p>`}
  `;
}

function shown({ title, heads, rows }: Table, name: string): Html {
  return html`${title !== undefined && html`<h3>${title}</h3>`}
  ${rows.length > 0 ? records(title ?? name, columnsOf(heads, rows), rows) : nothing('没有记录。')}`;
}

function columnsOf(heads: readonly string[], rows: readonly Row[]): TableColumn<Row>[] {
  const columns = heads.map((head, nth): TableColumn<Row> => ({
    head,
    main: nth === 0,
    long: rows.some(({ cells }) => cells[nth]!.split('\n').some((line) => line.length > SHORT)),
    cell: ({ cells }) => lines(cells[nth]!),
  }));
  // what is not in the log, as an access, has no events behind it
  if (rows.every(({ events }) => events.length === 0)) return columns;
  return [...columns, { head: '依据', cell: ({ events }) => behind(events) }];
}

/** Characters that a narrow column holds in a line. */
const SHORT = 16;
const lines = (text: string): Content =>
  html`<span class="lines">${joined(text.split('\n'), trusted('<br />'))}</span>`;

/** The events behind a fact, folded away. */
function behind(events: readonly EventRef[]): Content {
  if (events.length === 0) return '—';
  return html`<details class="behind">
    <summary>${events.length} 个事件</summary>
    <ul>
      ${events.map(eventItem)}
    </ul>
  </details>`;
}

/** One event: what it is, its place, who recorded it; and room for the verdict of whoever verifies it. */
function eventItem(event: EventRef): Html {
  return html`<li ${proofData(event)}>
    <a href="${to(eventPath(event.position))}">${event.zh}</a>
    <span class="muted">日志位置 ${event.position} · ${event.by.person} · 记录于 ${moment(event.recordedAt)}</span>
    ${event.lateBasis && html`<span class="sub">补录依据：${event.lateBasis}</span>`}
    <code>${event.stream} @ ${event.version}</code>
  </li>`;
}

/** What the page says of an event, for the script to hold against the event itself. */
export function proofData(
  event: Pick<EventRef, 'position' | 'id' | 'type' | 'stream' | 'version' | 'recordedAt'>,
): Html {
  return html` data-proof="${event.position}" data-id="${event.id}" data-type="${event.type}"
  data-stream="${event.stream}" data-version="${event.version}" data-recorded="${event.recordedAt}"`;
}

/** Which key counts, and verifying everything on the page; all of it needs the script. */
export function proofPanel(): Html {
  return html`<section
    class="proof"
    aria-labelledby="proof"
    data-log="${to('/trace/log')}"
    data-events="${to('/trace/events')}"
  >
    <h2 id="proof">核验</h2>
    <p class="without-script">
      核验在您的浏览器中进行，需要脚本。不用脚本时：<code>daocha audit bundle</code> 取走证明包，<code
        >daocha audit verify</code
      >
      离线核验。
    </p>
    <div class="with-script" hidden>
      <p>
        本页取回每个事件存储的原始字节，在您的浏览器中计算哈希，沿证明折算到日志的根，再核对检查点的签名；不以服务器的说法为准。
      </p>
      <p class="key" data-key></p>
      <details>
        <summary>固定您自己取得的日志公钥</summary>
        <form data-pin>
          <div class="field">
            <label for="vkey">日志公钥（vkey）</label>
            <p class="hint" id="vkey-hint">
              一行，从平台以外的来源取得，例如见证方、以前的证明包。保存在这个浏览器中。
            </p>
            <p class="fault" id="vkey-fault" hidden></p>
            <textarea
              id="vkey"
              rows="2"
              autocomplete="off"
              spellcheck="false"
              aria-describedby="vkey-hint vkey-fault"
            ></textarea>
          </div>
          <p class="actions">
            <button class="button quiet">固定</button>
            <button class="button quiet" type="button" data-unpin>不再固定</button>
          </p>
        </form>
      </details>
      <p class="seen" data-seen></p>
      <p class="actions"><button class="button" type="button" data-verify-all>核验本页全部事件</button></p>
      <p role="status" data-result></p>
    </div>
  </section>`;
}
