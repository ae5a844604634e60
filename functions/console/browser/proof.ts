// The script of the trace pages: verifies events where the page names them (data-proof), by verify.ts; keeps the key
// that the auditor pinned and the last checkpoint that was verified; and moves the slider of “as known at”. Without it
// everything can be read and asked.
import { fromBase64 } from '../../../shared/record/tlog/bytes.ts';
import { followSlider } from './slider.ts';
import {
  checkVkey,
  LogUnavailable,
  verifyEvent,
  type Claimed,
  type LogSource,
  type VerifyStep,
  type EventVerdict,
} from './verify.ts';
import { NOT_SEALED, STEP_NAMES, stepWords, VERDICT_NAMES } from './words.ts';

const PINNED = 'daocha.trace.vkey';
/** The last checkpoint seen, by the key that signed it: a log of another key is another log. */
const seenUnder = (vkey: string): string => `daocha.trace.seen ${vkey}`;

function start(root: HTMLElement): void {
  const part = (selector: string): HTMLElement => root.querySelector<HTMLElement>(selector)!;
  part('.with-script').hidden = false;
  part('.without-script').hidden = true;
  const source = sourceAt(root.dataset['events']!, root.dataset['log']!);
  let platformKey: Promise<string> | undefined;
  const askPlatform = (): Promise<string> =>
    (platformKey ??= text(`${root.dataset['log']}/vkey/download`).then((key) => key.trim()));

  const verify = async (item: HTMLElement): Promise<EventVerdict> => {
    mark(item, undefined);
    let verdict: EventVerdict;
    try {
      const vkey = localStorage.getItem(PINNED) ?? (await askPlatform());
      const lastSeen = localStorage.getItem(seenUnder(vkey)) ?? undefined;
      verdict = await verifyEvent(source, claimedBy(item), { vkey, lastSeen });
      if (verdict.state === 'verified') remember(vkey, verdict);
    } catch (error) {
      const sealing = error instanceof LogUnavailable && error.problem === 'nothing-signed';
      const step: VerifyStep = { step: 'signature', holds: false, note: (error as Error).message };
      verdict = sealing ? { state: 'unsealed', steps: [] } : { state: 'unable', steps: [step] };
    }
    mark(item, verdict);
    return verdict;
  };

  const verifyAll = async (items: readonly HTMLElement[]): Promise<void> => {
    const button = root.querySelector<HTMLButtonElement>('[data-verify-all]')!;
    const result = part('[data-result]');
    button.disabled = true;
    const counts: Record<EventVerdict['state'], number> = { verified: 0, broken: 0, unsealed: 0, unable: 0 };
    for (const [nth, item] of items.entries()) {
      result.textContent = `正在核验 ${nth + 1} / ${items.length}`;
      counts[(await verify(item)).state] += 1;
    }
    const told = (Object.keys(counts) as EventVerdict['state'][]).filter((state) => counts[state] > 0);
    result.textContent =
      items.length === 0
        ? '本页没有事件。'
        : told.map((state) => `${VERDICT_NAMES[state]} ${counts[state]}`).join('，');
    button.disabled = false;
    await tellKey();
  };
  const items = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>('[data-proof]')];

  const remember = (vkey: string, { checkpoint, size }: EventVerdict): void => {
    const before = Number(localStorage.getItem(seenUnder(vkey))?.split('\n')[1] ?? 0);
    if (size! >= before) localStorage.setItem(seenUnder(vkey), checkpoint!);
  };

  const tellKey = async (): Promise<void> => {
    const pinned = localStorage.getItem(PINNED);
    const offered = await askPlatform().catch(() => undefined);
    const says = part('[data-key]');
    says.className = 'key';
    if (pinned === null) {
      says.textContent = offered
        ? `公钥来源：平台自己提供，尚未固定。这只能证明平台前后一致；固定一份您从别处取得的公钥，才能发现平台换了日志。${offered}`
        : '平台还没有签名的检查点。';
      says.classList.add('from-platform');
    } else {
      const other = offered !== undefined && offered !== pinned ? '平台现在提供的是另一公钥！' : '';
      says.textContent = `公钥来源：您在这个浏览器中固定的。${other}${pinned}`;
      says.classList.add(other === '' ? 'pinned' : 'other');
    }
    const seen = localStorage.getItem(seenUnder(pinned ?? offered ?? ''))?.split('\n')[1];
    part('[data-seen]').textContent =
      seen === undefined
        ? '这个浏览器还没有核验过本日志的检查点。'
        : `这个浏览器核验过的最新检查点：${seen} 个事件。以后的检查点必须接续它，否则就是分叉。`;
  };

  part('[data-pin]').addEventListener('submit', (event) => {
    event.preventDefault();
    void pin();
  });
  const pin = async (): Promise<void> => {
    const field = root.querySelector<HTMLTextAreaElement>('#vkey')!;
    const fault = part('#vkey-fault');
    const vkey = field.value.trim();
    try {
      await checkVkey(vkey);
      localStorage.setItem(PINNED, vkey);
      fault.hidden = true;
      field.removeAttribute('aria-invalid');
      part('[data-result]').textContent = '已固定。请重新核验。';
      for (const item of items()) unmark(item);
      await tellKey();
      if (items().some(isWhole)) await verifyAll(items().filter(isWhole));
    } catch (error) {
      fault.textContent = `这不是日志公钥，应为一行“名称+8 位十六进制+base64”：${(error as Error).message}`;
      fault.hidden = false;
      field.setAttribute('aria-invalid', 'true');
      field.focus();
    }
  };
  part('[data-unpin]').addEventListener('click', () => {
    localStorage.removeItem(PINNED);
    for (const item of items()) unmark(item);
    part('[data-result]').textContent = '不再固定。';
    void tellKey();
  });
  part('[data-verify-all]').addEventListener('click', () => void verifyAll(items()));
  // opening a fact verifies the events behind it
  document.addEventListener(
    'toggle',
    ({ target }) => {
      const opened = target as HTMLDetailsElement;
      if (!opened.open || !opened.classList.contains('behind')) return;
      void (async () => {
        for (const item of opened.querySelectorAll<HTMLElement>('[data-proof]:not([data-verdict])')) await verify(item);
        await tellKey();
      })();
    },
    true,
  );
  const wholes = items().filter(isWhole);
  void (wholes.length > 0 ? verifyAll(wholes) : tellKey());
  followSlider();
}

/** An event that the page is about is verified at once. */
const isWhole = (item: HTMLElement): boolean => item.closest('[data-whole]') !== null;

// --- what the page says, and what is said on it -----------------------------------------------------------------------------------

function claimedBy({ dataset }: HTMLElement): Claimed {
  const { proof, id, type, stream, version, recorded } = dataset;
  const whole = document.querySelector<HTMLElement>('[data-stored]');
  return {
    position: Number(proof),
    id,
    type,
    stream,
    version,
    recordedAt: recorded,
    text: whole?.textContent,
  };
}

function unmark(item: HTMLElement): void {
  delete item.dataset['verdict'];
  item.querySelector('.verdict')?.remove();
}

/** Puts the verdict beside the event: one word, and the steps behind it. @param verdict none: under way */
function mark(item: HTMLElement, verdict: EventVerdict | undefined): void {
  unmark(item);
  const place = element('div', 'verdict');
  const tag = element('span', `tag ${verdict ? TONES[verdict.state] : 'off'}`);
  tag.textContent = verdict ? VERDICT_NAMES[verdict.state] : '核验中…';
  place.append(tag);
  if (verdict) {
    item.dataset['verdict'] = verdict.state;
    if (verdict.state === 'unsealed') place.append(` ${NOT_SEALED}`);
    const failed = verdict.steps.find(({ holds }) => !holds);
    if (failed) place.append(` ${STEP_NAMES[failed.step]}：${stepWords(failed, verdict.state)}`);
    if (verdict.steps.length > 0) place.append(steps(verdict, isWhole(item)));
  }
  item.append(place);
}

const TONES: Record<EventVerdict['state'], string> = {
  verified: 'done',
  broken: 'bad',
  unsealed: 'wait',
  unable: 'off',
};

function steps({ steps: all, state }: EventVerdict, open: boolean): HTMLElement {
  const details = element('details', 'proof-steps') as HTMLDetailsElement;
  details.open = open;
  const summary = element('summary');
  summary.textContent = '核验步骤';
  const list = element('ol');
  for (const step of all) {
    const line = element('li', step.holds ? 'holds' : 'fails');
    line.textContent = `${step.holds ? '✓' : '✗'} ${STEP_NAMES[step.step]}：${stepWords(step, state)}`;
    list.append(line);
  }
  details.append(summary, list);
  return details;
}

function element(name: string, className = ''): HTMLElement {
  const made = document.createElement(name);
  if (className !== '') made.className = className;
  return made;
}

// --- what the platform hands over --------------------------------------------------------------------------------------------------

function sourceAt(events: string, log: string): LogSource {
  return {
    entry: async (position) => new Uint8Array(await (await fetched(`${events}/${position}/download`)).arrayBuffer()),
    proof: (position) => text(`${events}/${position}/proof/download`),
    consistency: async (from, to) =>
      (await text(`${log}/consistency/download?from=${from}&to=${to}`))
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => fromBase64(line) ?? new Uint8Array()),
  };
}

const text = async (path: string): Promise<string> => (await fetched(path)).text();

/** @throws Unavailable with the platform's own name for why */
async function fetched(path: string): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(path, { cache: 'no-store', redirect: 'error' });
  } catch (error) {
    throw new LogUnavailable('network', (error as Error).message);
  }
  if (answer.ok) return answer;
  const problem = answer.headers.get('x-problem') ?? String(answer.status);
  throw new LogUnavailable(problem, `${answer.status} ${problem}`);
}

const panel = document.querySelector<HTMLElement>('section.proof');
if (panel) start(panel);
