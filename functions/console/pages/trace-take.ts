// 倒查，带走: the dossier of a unit as one readable file, and the unit's proof bundle as a zip file, to be verified at home.
import { DaochaError } from '../../../events/errors.ts';
import { dossierHtml } from '../../../shared/reading/unit-file/html.ts';
import { zippedBundle } from '../bundle.ts';
import { wordsFor } from '../error-words.ts';
import { html, type Content } from '../../../shared/reading/html.ts';
import { address, to, type Page, type Reply, type Visit } from '../page.ts';
import { subjectsIn } from './trace-subject.ts';
import { townDay } from '../../../shared/town-time.ts';

const PATH = '/trace/dossier';
const action = 'read.trace';

const takePage: Page = { path: PATH, action, get: async (visit) => shown(visit, undefined) };

function shown(visit: Visit, fault: DaochaError | undefined): Reply {
  const { query, now } = visit;
  const unit = query['unit']?.trim() ?? '';
  return {
    title: '卷宗与证明包',
    section: 'trace',
    above: [['倒查', address('/trace', subjectsIn(query))]],
    status: fault?.status ?? 200,
    body: html`
      <h1>卷宗与证明包</h1>
      ${fault && faultBox(fault)}
      <section aria-labelledby="dossier">
        <h2 id="dossier">倒查卷宗</h2>
        <p>
          职责空档、各时刻的责任人员、检查、隐患的每一个期限与销项、回潮、上报、大事记、补录、更正、查阅记录，汇编成一个网页文件：可打印成
          A4，不联网也能打开。
        </p>
        <form class="filters ask" method="get" action="${to(`${PATH}/download`)}" aria-label="汇编卷宗">
          ${unitField(unit, 'd')}
          <div>
            <label for="d-on">截至日期（含当日）</label>
            <input type="date" id="d-on" name="on" value="${query['on'] ?? townDay(now)}" />
          </div>
          <div>
            <label for="d-months">往前几个月</label>
            <input type="number" id="d-months" name="months" min="1" max="240" value="${query['months'] ?? '12'}" />
          </div>
          <div>
            <label for="d-knownAt">当时所知（选填）</label>
            <input
              type="text"
              id="d-knownAt"
              name="knownAt"
              value="${query['knownAt'] ?? ''}"
              placeholder="现在"
              autocomplete="off"
            />
          </div>
          <button class="button">下载卷宗</button>
        </form>
      </section>
      <section aria-labelledby="bundle">
        <h2 id="bundle">证明包</h2>
        <p>
          这个单位的全部事件，逐字节，连同证明、树块和检查点。解开后在任何一台机器上离线核验：<code
            >daocha audit verify 目录 --vkey 公钥</code
          >。日志很大时文件超过网页所能传送的大小，请用 <code>daocha audit bundle</code>。
        </p>
        <form class="filters ask" method="get" action="${to('/trace/bundle/download')}" aria-label="取走证明包">
          ${unitField(unit, 'b')}
          <button class="button">下载证明包</button>
        </form>
      </section>
      <p class="muted">下载连同事由记入查阅记录。</p>
    `,
  };
}

const unitField = (unit: string, prefix: string) =>
  html`<div>
    <label for="${prefix}-unit">单位编号</label>
    <input type="text" id="${prefix}-unit" name="unit" value="${unit}" autocomplete="off" required />
  </div>`;

const faultBox = (fault: DaochaError): Content =>
  html`<div class="faults" role="alert">
    <h2>没有下载</h2>
    <p>${fault.type === 'too-large' ? '文件超过网页所能传送的大小，请用命令行取走。' : wordsFor(fault)}</p>
    <p>${fault.message}${fault.expected && html`：<code>${fault.expected}</code>`}</p>
  </div>`;

/** What is wrong with what was asked comes back on the page. */
const takes = (path: string, make: (visit: Visit, unit: string) => Promise<Reply>): Page => ({
  path,
  action,
  get: async (visit) => {
    try {
      return await make(visit, visit.query['unit']?.trim() ?? '');
    } catch (error) {
      if (error instanceof DaochaError && error.field !== 'X-Access-Ground' && error.status < 500)
        return shown(visit, error);
      throw error;
    }
  },
});

const dossierDownload = takes(`${PATH}/download`, async (visit, unit) => {
  const { on, months, knownAt } = visit.query;
  const asked = { on, months, ...(knownAt?.trim() ? { knownAt: knownAt.trim() } : {}) };
  const dossier = await visit.ask('traceDossier', { id: unit }, asked);
  const text = dossierHtml(dossier, {
    campaign: visit.campaign.definition ?? undefined,
    bundle: null,
    why: '另行下载，或由 daocha audit bundle 取走',
    at: visit.now.toISOString(),
  });
  const bytes = new Uint8Array(Buffer.from(text, 'utf8'));
  return { filename: `倒查卷宗-${unit}-${on}.html`, type: 'text/html; charset=utf-8', bytes };
});

const bundleDownload = takes('/trace/bundle/download', async (visit, unit) => ({
  filename: `证明包-${unit}.zip`,
  type: 'application/zip',
  bytes: await zippedBundle(visit, unit),
}));

export const traceTakePages: readonly Page[] = [takePage, dossierDownload, bundleDownload];
