// `daocha trace` where no platform is needed: wrong usage is told, and answers become Chinese tables that can be read.
import { describe, expect, it, vi, afterEach } from 'vitest';
import { displayWidth, textTable } from '../../../infra/cli/text-table.ts';
import { traceText } from '../../../infra/cli/trace-text.ts';
import { run } from '../../../infra/cli/trace.ts';
import { deadlineFacts } from '../../../shared/reading/trace/deadlines.ts';
import { answerOf, referrer } from '../../../shared/reading/trace/answer.ts';
import { questionOf, QUESTIONS } from '../../../shared/reading/trace/questions.ts';
import { live, WAY } from '../../support/hazard-life.ts';
import { placedAs } from '../../reading/trace/placed.ts';
import { NOW } from '../../reading/trace/story.ts';

afterEach(() => vi.restoreAllMocks());

async function said(...argv: string[]) {
  const texts = { out: '', err: '' };
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((texts.out += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((texts.err += String(text)), true));
  const code = await run(argv);
  vi.restoreAllMocks();
  return { code, ...texts };
}

describe('daocha trace', () => {
  it('lists every question in Chinese and English', async () => {
    const { code, out } = await said('--help');
    expect(code).toBe(0);
    for (const [name, { zh }] of Object.entries(QUESTIONS)) {
      expect(out).toContain(`  ${name} `);
      expect(out).toContain(zh);
    }
    expect(await said()).toMatchObject({ code: 2, out });
  });

  it.each([
    [['nosuch'], 'There is no question “nosuch”; expected: one of inspections'],
    [['deadlines'], '--hazard is missing'],
    [['inspections', '--unit', 'u_1', '--before', '2025-06-01'], '--months is missing; expected: how many months back'],
    [['deadlines', '--hazard', 'h_1', '--unit', 'u_1'], '--unit does not belong to “deadlines”'],
    [['difference', '--unit', 'u_1'], '--known-at is missing'],
    [['late', '--unit', 'u_1', '--out', 'x'], '--out and --no-bundle belong to “dossier”'],
    [['dossier', '--unit', 'u_1', '--on', '2025-06-01', '--months', '3'], '--out is missing'],
    [['dossier', '--unit', 'u_1', '--out', 'x'], '--on is missing'],
    [['late', '--colour', 'red'], "'--colour'"],
  ])('tells wrong usage: %j', async (argv, message) => {
    const { code, out, err } = await said(...argv);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
    expect(err).toContain('See: daocha trace --help');
  });

  it('cannot ask where no platform runs', async () => {
    const argv = ['late', '--unit', 'u_1', '--api', 'http://127.0.0.1:1', '--token', 'x'];
    expect(await said(...argv)).toMatchObject({ code: 3, out: '' });
  });
});

describe('an answer on a terminal', () => {
  const placed = placedAs(live(WAY.recurred));
  const facts = deadlineFacts(placed, referrer(placed));
  const subject = { hazard: 'h_1', unit: 'u_1', track: 'gas' as const, clause: 'GAS-01' };
  const text = traceText(answerOf(questionOf('deadlines'), subject, { ...NOW, asked: '12' }, facts, placed), 120);

  it('says what was asked, as known when, and the facts with their positions', () => {
    expect(text).toMatch(
      /^整改期限 {2}隐患 h_1 {2}单位 u_1 {2}专项 城镇燃气 {2}条款 GAS-01\n按当时所知：日志位置 1000 之前/,
    );
    expect(text).toMatch(/第 1 轮 .*销项.*回潮/);
    expect(text).toMatch(/责令整改.*《城镇燃气管理条例》/);
  });

  it('fits the terminal', () => {
    const table = text.split('\n').filter((line) => !/^(第|整改期限)/.test(line));
    expect(table.length).toBeGreaterThan(10);
    expect(table.filter((line) => displayWidth(line) > 120)).toEqual([]);
  });
});

describe('a table', () => {
  it('counts a Chinese character as two columns, so that columns stand under each other', () => {
    const lines = textTable(
      ['名', 'b'],
      [
        ['中文', 'x'],
        ['a', 'y'],
      ],
      80,
    );
    expect(lines).toEqual(['名    b', '────  ─', '中文  x', 'a     y']);
  });

  it('wraps what does not fit, and loses nothing', () => {
    const long = '更换软管并加装熄火保护装置'.repeat(4);
    const lines = textTable(['a', 'b'], [['短', long]], 30);
    expect(lines.every((line) => displayWidth(line) <= 30)).toBe(true);
    const letters = lines
      .slice(2)
      .join('')
      .replaceAll(/[短\s]/g, '');
    expect(letters).toBe(long);
  });
});
