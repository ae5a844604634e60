// The dossier as one HTML file (倒查卷宗): Chinese, for paper and screen, without script and without anything from the
// network. Positions link to the event's own bytes in the proof bundle beside it, where there is one.
import {
  accessSection,
  chronologySection,
  correctionSection,
  escalationSection,
  lateSection,
  recurrenceSection,
} from './history.ts';
import { hazardSection } from './hazards.ts';
import { gapSection, inspectionSection, peopleSection, unitSection } from './people.ts';
import type { DossierSetting, Section } from './parts.ts';
import { DOSSIER_STYLE } from './style.ts';
import type { UnitFile } from './unit-file.ts';
import { html, trusted, type Html } from '../html.ts';
import { townDay, townMinute } from '../../town-time.ts';

const NUMERALS = ['一', '二', '三', '四', '五', '六', '七', '八', '九', '十', '十一', '十二', '十三'];

export function dossierHtml(dossier: UnitFile, setting: DossierSetting): string {
  const sections: Section[] = [
    unitSection(dossier, setting),
    gapSection(dossier, setting),
    peopleSection(dossier, setting),
    inspectionSection(dossier, setting),
    hazardSection(dossier, setting),
    recurrenceSection(dossier, setting),
    escalationSection(dossier, setting),
    chronologySection(dossier, setting),
    lateSection(dossier, setting),
    correctionSection(dossier, setting),
    accessSection(dossier),
    proofSection(setting),
  ];
  const { subject } = dossier;
  const title = `倒查卷宗 · ${subject.name ?? subject.unit} · ${subject.on}`;
  const page = html`<!doctype html>
    <html lang="zh-CN">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <title>${title}</title>
        <style>
          ${STYLE}
        </style>
      </head>
      <body>
        <main>
          ${cover(dossier, setting)}
          <nav aria-label="目录">
            <ol>
              ${sections.map(
                ({ id, title: name, count }, n) =>
                  html`<li>
                    <a href="#${id}"
                      ><span>${NUMERALS[n]}、${name}</span><span class="dim">${count === null ? '' : count}</span></a
                    >
                  </li> `,
              )}
            </ol>
          </nav>
          ${sections.map(
            ({ id, title: name, count, body }, n) =>
              html`<section id="${id}">
                <h2>${NUMERALS[n]}、${name}${count === null ? '' : html`<span class="count">${count} 条</span>`}</h2>
                ${body}
              </section> `,
          )}
          <footer>
            本卷宗由倒查（daocha）根据事件记录自动汇编，未作任何推断；标“推断”者由外来台账推得。软件只呈现证据，责任由人认定。人员以编号表示，姓名见人员名录。
          </footer>
        </main>
      </body>
    </html> `;
  return page.toString();
}

/** Ours, and no text of the record is in it. */
const STYLE = trusted(DOSSIER_STYLE);

function cover(dossier: UnitFile, setting: DossierSetting): Html {
  const { subject, unit, inspections, hazards, gaps, recurrences, late, corrections } = dossier;
  const recorded = inspections.filter(({ status }) => status === 'recorded').length;
  const missed = gaps.filter(({ kind }) => kind === 'deadline-missed').length;
  const own = late.filter(({ derived }) => !derived).length;
  const openOn = hazards.filter((hazard) => hazard.openOn).length;
  const figure = (name: string, value: number, bad = false): Html =>
    html`<div${bad && value > 0 ? html` class="bad"` : ''}><b>${value}</b><span>${name}</span></div>`;
  return html`<header class="cover">
    <h1>倒查卷宗</h1>
    <p class="unit">${subject.name ?? subject.unit}</p>
    <p class="when">
      ${subject.unit} ｜ 所查之日 <b>${subject.on}</b> ｜ 期间 ${townDay(subject.from)} 起 ${subject.months} 个月
    </p>
    <div class="known">${knownWords(dossier)}<br />汇编于 ${townMinute(setting.at)}。${bundleWords(setting)}</div>
    <div class="figures">
      ${figure('期间检查（次）', recorded)} ${figure('涉及隐患（处）', hazards.length)}
      ${figure('当日未销项（处）', openOn, true)} ${figure('履职缺口（条）', gaps.length, true)}
      ${figure('整改逾期（次）', missed, true)} ${figure('隐患回潮（次）', recurrences.length, true)}
      ${figure('补录与倒填（条）', own, true)} ${figure('更正（条）', corrections.length)}
    </div>
    ${unit.closed ? html`<p class="bad">该单位已注销。</p>` : ''}
  </header>`;
}

function knownWords({ knownAt }: UnitFile): string {
  const { asked, position, time } = knownAt;
  if (asked === null) return `截至 ${townMinute(time)}，日志位置 ${position} 之前的全部记录。`;
  return /^\d+$/.test(asked)
    ? `按当时所知：日志位置 ${position} 之前的全部记录（最后一条记录于 ${townMinute(time)}）。`
    : `按当时所知：${townMinute(time)} 以前已记录的事项；其后补录、更正的内容不在其中。`;
}

function bundleWords({ bundle, why }: DossierSetting): string {
  if (!bundle) return `本卷宗未附证明包${why === undefined ? '' : `：${why}`}。`;
  return `所附证明包含签名日志前 ${bundle.size} 条的证明；位置编号可点开对应事件的原始字节。`;
}

function proofSection({ bundle, why }: DossierSetting): Section {
  const body = bundle
    ? html`<p>
          每条事实后的编号是该事件在日志中的位置。证明包 <code>${bundle.path}/</code> 内，<code>leaves/位置.json</code>
          是事件的原始字节，<code>proofs/位置.tlog-proof</code> 是它在签名日志中的证明（C2SP tlog-proof）。离线核验：
        </p>
        <pre>
daocha audit verify ${bundle.path} --vkey &lt;从别处取得的日志公钥&gt;
cd ${bundle.path} &amp;&amp; sha256sum -c MANIFEST.sha256</pre>
        <p>所依据的日志状态如下，可与见证人留存的检查点比对：</p>
        <dl>
          <dt>日志</dt>
          <dd><code>${bundle.origin}</code></dd>
          <dt>条数</dt>
          <dd><code>${bundle.size}</code></dd>
          <dt>根哈希</dt>
          <dd><code>${bundle.root}</code></dd>
        </dl>
        <p class="dim">能证明：这些事件逐字节在已签名的日志中，次序如此。不能证明：没有记录的事情没有发生。</p>`
    : html`<p>
        未附证明包${why === undefined ? '' : `（${why}）`}。编号是各事件在日志中的位置，可用
        <code>daocha audit bundle --unit</code> 另行取得证明。
      </p>`;
  return { id: 'proof', title: '如何核验', count: null, body };
}
