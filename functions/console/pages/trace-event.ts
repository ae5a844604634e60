// 倒查，一个事件: its bytes as they are stored, its place in the log, and its proof, verified in the browser. Beside it the files that are
// verified, to take away: bytes, proof, key, and the proof that the log continues an earlier one.
import { organisationName } from '../../../shared/reading/dictionary.ts';
import { DaochaError } from '../../../events/errors.ts';
import { definitionOf } from '../../../events/catalogue.ts';
import { parseStreamKey } from '../../../events/envelope.ts';
import type { Answers } from '../answers.ts';
import { html, type Content, type Html } from '../../../shared/reading/html.ts';
import { hazardPath, to, unitPath, type Download, type Page, type Visit } from '../page.ts';
import { facts, moment } from '../components.ts';
import { eventPath, proofData, proofPanel } from './trace-answer.ts';

const PATH = '/trace/events/{position}';
const TEXT = 'text/plain; charset=utf-8';

const eventPage: Page = {
  path: PATH,
  action: 'read.trace',
  get: async (visit) => {
    const position = visit.params['position']!;
    const stored = await visit.ask('getStoredEvent', { position });
    const text = Buffer.from(stored).toString('utf8');
    const logged = await visit.ask('getEvent', { position }).catch(altered);
    return {
      title: `日志位置 ${position}`,
      section: 'trace',
      above: [['倒查', to('/trace')]],
      scripts: ['proof.js'],
      body: html`
        <h1>日志位置 ${position}</h1>
        ${logged ? about(visit, logged) : broken(position)} ${proofPanel()}
        <section aria-labelledby="stored">
          <h2 id="stored">存储的原文</h2>
          <p>平台按这些字节计算叶哈希，一个字节也不能改。</p>
          <pre class="stored" tabindex="0" role="region" aria-labelledby="stored" data-stored>${text}</pre>
        </section>
        <section aria-labelledby="files">
          <h2 id="files">取走</h2>
          <ul>
            <li><a href="${to(`${eventPath(Number(position))}/download`)}">事件的原始字节</a></li>
            <li>
              <a href="${to(`${eventPath(Number(position))}/proof/download`)}">存在证明</a>（C2SP tlog-proof，含检查点）
            </li>
            <li><a href="${to('/trace/log/vkey/download')}">日志公钥</a>（请另从平台以外的来源取得一份）</li>
          </ul>
        </section>
      `,
    };
  },
};

/** An event that was altered is answered with an error by everything but the route of its bytes; the page shows it all the same. */
function altered(error: unknown): undefined {
  if (error instanceof DaochaError && error.type === 'event-altered') return undefined;
  throw error;
}

const broken = (position: string): Html =>
  html`<div class="faults">
      <h2>这一事件已不是登记时的内容</h2>
      <p>日志登记的叶哈希与现在存储的字节不符。下面是现在存储的内容，请以保存的证明包为准。</p>
    </div>
    <ul class="event" data-whole>
      <li data-proof="${position}">日志位置 ${position}</li>
    </ul>`;

function about({ campaign }: Visit, { position, event, leaf }: Answers['getEvent']): Html {
  const { category, id } = parseStreamKey(event.stream);
  const thing: Content =
    category === 'hazard'
      ? html`<a href="${to(hazardPath(id))}">${event.stream}</a>`
      : category === 'unit'
        ? html`<a href="${to(unitPath(id))}">${event.stream}</a>`
        : event.stream;
  return html`<ul class="event" data-whole>
      <li ${proofData({ ...event, position })}><b>${definitionOf(event.type).zh}</b></li>
    </ul>
    ${facts([
      ['事件', html`<code>${event.type}</code> 第 ${event.schema} 版，<code>${event.id}</code>`],
      ['流', html`<code>${thing}</code>`],
      ['流内版本', event.version],
      ['日志位置', position],
      ['叶哈希', html`<code>${leaf}</code>`],
      ['称发生于', moment(event.occurredAt)],
      ['记录于', moment(event.recordedAt)],
      ['补录依据', event.lateBasis],
      [
        '经办',
        `${event.actor.person}，${organisationName(campaign.definition, event.actor.organisation)} ${event.actor.post}`,
      ],
      ['来源', event.source],
      ['单位', event.unit && html`<a href="${to(unitPath(event.unit))}">${event.unit}</a>`],
    ])}`;
}

/** Pages that hand over what is verified. Each is asked of the API as the signed-in person. */
const handOver = (path: string, make: (visit: Visit) => Promise<Download>): Page => ({
  path: `${path}/download`,
  action: 'read.trace',
  get: make,
});

const bytesPage = handOver(PATH, async (visit) => {
  const position = visit.params['position']!;
  const bytes = await visit.ask('getStoredEvent', { position });
  return { filename: `${position}.json`, type: 'application/octet-stream', bytes };
});
const proofPage = handOver(`${PATH}/proof`, async (visit) => {
  const position = visit.params['position']!;
  return textFile(`${position}.tlog-proof`, await visit.ask('getProof', { position }, { size: visit.query['size'] }));
});
const vkeyPage = handOver('/trace/log/vkey', async (visit) => textFile('log.vkey', await visit.ask('getVkey')));
const consistencyPage = handOver('/trace/log/consistency', async (visit) => {
  const { from, to: size } = visit.query;
  const { hashes } = await visit.ask('getConsistency', {}, { from, to: size });
  return textFile(`${from}-${size}.consistency`, hashes.map((hash) => `${hash}\n`).join(''));
});

function textFile(filename: string, text: string): Download {
  return { filename, type: TEXT, bytes: new Uint8Array(Buffer.from(text, 'utf8')) };
}

export const traceEventPages: readonly Page[] = [eventPage, bytesPage, proofPage, vkeyPage, consistencyPage];
