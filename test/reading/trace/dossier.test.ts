// The dossier: what it compiles, and the file that is made of it.
import { describe, expect, it } from 'vitest';
import { LIANTANG } from '../../../shared/rules/campaign/liantang.ts';
import { dossierHtml } from '../../../shared/reading/unit-file/html.ts';
import type { DossierSetting } from '../../../shared/reading/unit-file/parts.ts';
import { html } from '../../../shared/reading/html.ts';
import { NAME, ON, story, UNIT_STORY } from './story.ts';

const dossier = story();
const setting: DossierSetting = {
  campaign: LIANTANG,
  at: '2025-09-01T02:00:00.000Z',
  bundle: { path: 'bundle', size: 40, root: 'ROOT', origin: 'example.org/log', holds: (position) => position < 30 },
};
const page = dossierHtml(dossier, setting);
const gaps = (kind: string) => dossier.gaps.filter((gap) => gap.kind === kind);

describe('the dossier', () => {
  it('tells in order of time what happened up to the end of the day, one act at a time', () => {
    const { chronology } = dossier;
    expect(chronology.map(({ at }) => at)).toEqual(chronology.map(({ at }) => at).toSorted());
    expect(chronology.at(-1)!.lines[0]).toMatchObject({ zh: '提出上报' });
    const visit = chronology.find(({ lines }) => lines.some(({ zh }) => zh === '隐患回潮'))!;
    expect(visit.lines.map(({ zh }) => zh)).toEqual(['检查记录', '隐患回潮', '移出销项名单']);
  });

  it('names who was responsible, period by period', () => {
    const liaison = dossier.people.filter(
      ({ role, organisation }) => role === 'liaison' && organisation === 'guijianban',
    );
    expect(liaison.map(({ from, until, holders }) => [from, until, holders[0]!.person])).toEqual([
      ['2025-04-01', '2025-04-24', null],
      ['2025-04-25', '2025-06-30', 'p-liaison-1'],
      ['2025-07-01', ON, null],
    ]);
    const supervisor = dossier.people.filter(({ role }) => role === 'supervisor');
    expect(supervisor.at(-1)).toMatchObject({ from: '2025-05-12', until: ON, holders: [{ person: 'p-sup-1' }] });
  });

  it('finds the gaps in duty, each with the events behind it', () => {
    expect(gaps('inspection-missed')).toMatchObject([
      { events: [{ type: 'InspectionPlanned' }, { type: 'InspectionMissed' }] },
    ]);
    expect(gaps('inspection-unrecorded')).toMatchObject([{ at: '2025-07-28T01:00:00.000Z' }]);
    expect(gaps('items-omitted')).toMatchObject([{ text: expect.stringContaining('GAS-08') }]);
    expect(gaps('unsigned')).toHaveLength(1);
    expect(gaps('no-order')).toMatchObject([{ events: [{ type: 'RecurrenceFound' }] }]);
    expect(gaps('reminder-ignored')).toMatchObject([{ text: expect.stringContaining('梯级 0') }]);
    expect(gaps('reminder-undelivered')).toHaveLength(2);
    expect(gaps('no-supervisor')).toHaveLength(2);
    expect(gaps('no-inspection')).toEqual([]);
    expect(gaps('vacant-post').map(({ text }) => text)).toContain(
      '规建办 分管联络员（城镇燃气）：2025-07-01 至 2025-08-20',
    );
  });

  it('does not take a claim made afterwards for a deadline that was kept', () => {
    expect(gaps('deadline-missed')).toMatchObject([
      { text: expect.stringMatching(/期限 2025-06-03 23:59，称 2025-06-03 17:00 提交，2025-06-17 09:00 才有记录/) },
    ]);
    expect(dossier.late).toMatchObject([
      { type: 'RectificationSubmitted', kinds: ['late', 'back-dated', 'across-deadline'] },
    ]);
  });

  it('has every due date and sign-off of the hazards open in the time, and what undid them', () => {
    expect(dossier.hazards).toMatchObject([
      {
        openOn: true,
        status: 'recurred',
        cycles: [
          {
            dues: [{ by: 'order' }, { by: 'extension', approvedBy: { person: 'p-office-1' } }],
            signedOff: { by: { person: 'p-dept-2' } },
          },
          { dues: [], signedOff: null },
        ],
      },
    ]);
    expect(dossier.recurrences).toHaveLength(1);
    expect(dossier.escalations).toMatchObject([{ escalation: 'e_1', hazard: 'h_1', rule: 'recurrences' }]);
    expect(dossier.corrections).toMatchObject([{ changes: [{ field: 'details.name' }] }]);
  });

  it('of a stretch without anything is empty, and says that nobody looked', () => {
    const nothing = story(UNIT_STORY.slice(0, 1));
    expect(nothing).toMatchObject({ inspections: [], hazards: [], recurrences: [] });
    expect(nothing.gaps.map(({ kind }) => kind)).toContain('no-inspection');
  });
});

describe('its file', () => {
  it('needs no script and nothing from the network', () => {
    expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|url\(|https?:/i);
    expect(page).toContain("default-src 'none'");
    expect(page).not.toMatch(/ on[a-z]+=/);
  });

  it('has all sections, each in the table of contents, and closes what it opens', () => {
    const ids = [...page.matchAll(/<section id="(\w+)">/g)].map((match) => match[1]);
    expect(ids).toHaveLength(12);
    expect([...page.matchAll(/<a href="#(\w+)"\s*>/g)].map((match) => match[1])).toEqual(ids);
    for (const tag of ['section', 'table', 'tr', 'td', 'div', 'span', 'a', 'p', 'dl', 'main', 'b']) {
      const opened = page.match(new RegExp(`<${tag}[\\s>]`, 'g'))?.length;
      expect([tag, opened]).toEqual([tag, page.match(new RegExp(`</${tag}\\s*>`, 'g'))?.length]);
    }
    expect(page).not.toContain('undefined');
    expect(page).not.toContain('[object');
  });

  it('links each event that the bundle holds to its bytes, and no other', () => {
    const links = [...page.matchAll(/href="bundle\/leaves\/(\d+)\.json">(\d+)</g)].map((match) => [match[1], match[2]]);
    expect(links.length).toBeGreaterThan(20);
    expect(links.every(([file, shown]) => file === shown && Number(file) < 30)).toBe(true);
    expect(page).toMatch(/<span class="p">3\d<\/span>/);
    const alone = dossierHtml(dossier, { ...setting, bundle: null, why: '按要求省略' });
    expect(alone).not.toContain('leaves/');
    expect(alone).toContain('未附证明包：按要求省略');
  });

  it('says beside what was recorded late on what that rests, once an act', () => {
    expect(page).not.toContain('补录依据');
    const visit = UNIT_STORY.find(([, { type }]) => type === 'RecurrenceFound')![2]!.command;
    const told = UNIT_STORY.map(([stream, draft, about = {}]): (typeof UNIT_STORY)[number] => {
      const late = draft.type === 'RectificationSubmitted' && { lateBasis: '凭<短信>' };
      return [stream, draft, { ...about, ...late, ...(about.command === visit && { lateBasis: '纸质检查表' }) }];
    });
    const file = dossierHtml(story(told), setting);
    const said = (section: string) =>
      file
        .split(`<section id="${section}">`)[1]!
        .split('</section>')[0]!
        .match(/补录依据：(凭&lt;短信&gt;|纸质检查表)/g);
    expect(said('chronology')).toEqual(['补录依据：凭&lt;短信&gt;', '补录依据：纸质检查表']);
    expect(said('gaps')).toEqual(['补录依据：凭&lt;短信&gt;']);
    expect(said('hazards')).toContain('补录依据：凭&lt;短信&gt;');
    expect(said('late')).toContain('补录依据：凭&lt;短信&gt;');
  });

  it('prints the state of the log that it rests on', () => {
    expect(page).toContain('ROOT');
    expect(page).toContain('example.org/log');
  });

  it('says names of organisations, and escapes whatever people wrote', () => {
    expect(page).toContain('规建办');
    const evil = `<img src=x onerror=alert(1)>&"'`;
    const [registered, ...rest] = UNIT_STORY;
    const [stream, draft, about] = registered!;
    const details = { name: evil, tracks: ['gas' as const] };
    const told = [[stream, { ...draft, data: { details } }, about] as typeof registered & {}, ...rest.slice(1)];
    const hostile = dossierHtml(story(told), setting);
    expect(hostile).toContain('&lt;img src=x onerror=alert(1)&gt;&amp;&quot;&#39;');
    expect(hostile).not.toContain('<img');
    expect(page).toContain(NAME);
  });

  it('has no control characters of a text in it', () => {
    expect(String(html`<p>${'a\u0000b\u001fc'}${['\u0085']}</p>`)).toBe('<p>a\ufffdb\ufffdc\ufffd</p>');
    expect(String(html`<b>${['<', html`<i>${'&'}</i>`, null, 3]}</b>`)).toBe('<b>&lt;<i>&amp;</i>3</b>');
  });
});
