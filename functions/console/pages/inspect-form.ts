// 检查: the form of one inspection, item by item of the track's checklist. It works without script as it is; with script
// (browser/inspect/) the same form is kept as a draft on the device, has photos and the place, and is sent when there
// is network. Both ways end here, in `post`: one reading of the fields, one set of rules, one idempotency key a draft.
import * as z from 'zod';
import type { Checklist } from '../../../events/campaign.ts';
import { evidenceSchema, TRACK_NAMES, TRACKS, type Evidence, type Track } from '../../../events/envelope.ts';
import { GRADE_NAMES, HAZARD_GRADES, INSPECTION_MODES, MODE_NAMES, type Answer } from '../../../events/inspection.ts';
import { DaochaError, NotFound } from '../../../events/errors.ts';
import { cutText } from '../../../shared/text.ts';
import { authorise } from '../../api/permissions.ts';
import type { ExecutedAnswer } from '../../api/schemas.ts';
import { sendAgain } from '../error-words.ts';
import { must, one, showForm, takeForm, type Field, type FormPage, type Values } from '../form.ts';
import { html, joined, type Content, type Html } from '../../../shared/reading/html.ts';
import { address, after, to, unitPath, type Fault, type Page, type Reply, type Visit } from '../page.ts';
import { areaChoices, reachOf } from '../scope.ts';
import { checklistsOf, outbox, tracksOf } from './inspect.ts';

/** Fields of one item, by its place on the checklist. `x`: what is on no checklist. */
const fieldsOf = (at: number | 'x') => ({
  answer: `a-${at}`,
  text: `t-${at}`,
  place: `p-${at}`,
  grade: `g-${at}`,
  photos: `f-${at}`,
});
const ANSWERS = [
  { value: 'ok', label: '没有问题' },
  { value: 'problem', label: '有问题' },
  { value: 'not-applicable', label: '不适用' },
];
/** Item and clause of a hazard that no checklist asks about. */
const EXTRA = { item: 'x', clause: 'c-x' };

export const inspectFormPage: Page = {
  path: '/inspect/{track}',
  action: 'inspection.record',
  get: async (visit) => showForm(visit, await formOf(visit)),
  post: async (visit) => {
    const reply = await takeForm(visit, await formOf(visit), (values, key) => record(visit, values, key));
    // registered with this form, which was then refused: what is sent next is about that unit, not about another new one
    const unit = one(visit.form, REGISTERED);
    return unit !== undefined && 'faults' in reply && reply.faults
      ? { ...reply, faults: { ...reply.faults, unit } }
      : reply;
  },
};
const REGISTERED = 'registered';

async function formOf(visit: Visit): Promise<FormPage> {
  const track = trackOf(visit);
  const chosen = await chosenUnit(visit, track);
  const checklist = checklistOf(visit, track);
  const sent = visit.form;
  const items = itemFields(checklist, sent, visit.may('hazard.grade'));
  const extra = extraFields(sent, visit.may('hazard.grade'));
  const about = aboutFields();
  const unitOnes = chosen ? [] : newUnitFields(visit, sent);
  return {
    title: `检查：${TRACK_NAMES[track]}`,
    section: 'inspect',
    above: [['检查', to('/inspect')]],
    intro: html`${outbox(visit)}${unitLine(chosen)}${otherChecklists(visit, track, checklist, chosen)}`,
    fields: [...unitOnes, ...items.flat(), ...extra, ...about],
    arranged: (show) => arranged(show, { checklist, unitOnes, items, extra, about, chosen: chosen !== undefined }),
    also: (values) => also(visit, checklist, values),
    initial: {
      mode: ['routine'],
      draftedFrom: [visit.now.toISOString()],
      ...(chosen ? { unit: [chosen.unit], unitName: [chosen.name] } : {}),
      ...(checklist ? { template: [`${checklist.template}@${checklist.version}`] } : {}),
    },
    carries: ['unit', 'unitName', 'template', 'accept', 'draftedFrom'],
    button: '提交检查',
    back: to('/inspect'),
    scripts: ['inspect.js'],
    stays: true,
  };
}

interface Chosen {
  unit: string;
  name: string;
}

/** The unit of the address, if the caller may inspect it; of a form that was sent, what it says: the command itself will see. */
async function chosenUnit(visit: Visit, track: Track): Promise<Chosen | undefined> {
  const sent = one(visit.form, 'unit');
  if (sent !== undefined) return { unit: sent, name: one(visit.form, 'unitName') ?? sent };
  const asked = visit.query['unit'];
  const known = asked === undefined ? undefined : await visit.ask('getUnit', { id: asked });
  // a form that could only be refused is not shown
  if (known || !tracksOf(visit).includes(track)) {
    const unit = known && { id: known.unit, area: known.details.area, tracks: known.details.tracks };
    authorise(visit.principal, 'inspection.record', { campaign: visit.campaign.definition ?? undefined, track, unit });
  }
  return known && { unit: known.unit, name: known.details.name };
}

function trackOf({ params }: Visit): Track {
  const track = TRACKS.find((known) => known === params['track']);
  if (track) return track;
  throw new NotFound('unknown-route', `there is no track ${params['track']}`);
}

/** The checklist that the form was filled in by, in that version; for a new one the latest. */
function checklistOf(visit: Visit, track: Track): Checklist | undefined {
  const [template, version] = (one(visit.form, 'template') ?? '').split('@');
  const before = visit.campaign.checklists.get(template ?? '')?.find((known) => known.version === Number(version));
  if (before?.track === track) return before;
  const latest = checklistsOf(visit, track);
  return latest.find((known) => known.template === visit.query['template']) ?? latest[0];
}

// --- fields -----------------------------------------------------------------------------------------------------------------------

const isProblem = (sent: Values, name: string): boolean => one(sent, name) === 'problem';

/** Of each item: the answer, and what is asked about a problem. */
function itemFields(checklist: Checklist | undefined, sent: Values, grades: boolean): Field[][] {
  return (checklist?.items ?? []).map(({ text, clause }, at) => {
    const names = fieldsOf(at);
    const said = `第 ${at + 1} 项`;
    return [
      {
        kind: 'radio',
        name: names.answer,
        label: `${at + 1}. ${text}`,
        said: `${said}的检查结果`,
        hint: clause,
        options: ANSWERS,
      },
      ...problemFields(names, said, grades, !isProblem(sent, names.answer)),
    ];
  });
}

function problemFields(names: ReturnType<typeof fieldsOf>, said: string, grades: boolean, optional: boolean): Field[] {
  return [
    {
      kind: 'text',
      name: names.text,
      label: '问题描述',
      said: `${said}的问题描述`,
      most: 1000,
      optional,
      conditional: true,
    },
    { kind: 'line', name: names.place, label: '部位', said: `${said}的部位`, most: 200, optional: true },
    ...(grades ? [gradeField(names.grade, said)] : []),
  ];
}

const gradeField = (name: string, said: string): Field => ({
  kind: 'select',
  name,
  label: '等级',
  said: `${said}的等级`,
  hint: '留空则以后定级',
  optional: true,
  options: HAZARD_GRADES.map((grade) => ({ value: grade, label: GRADE_NAMES[grade] })),
});

function extraFields(sent: Values, grades: boolean): Field[] {
  const names = fieldsOf('x');
  const given = one(sent, EXTRA.clause) !== undefined || one(sent, names.text) !== undefined;
  return [
    {
      kind: 'line',
      name: EXTRA.clause,
      label: '条款',
      said: '检查表以外问题的条款',
      most: 200,
      optional: !given,
      hint: '违反的条款，同一条款再次发现就是同一条隐患',
    },
    ...problemFields(names, '检查表以外问题', grades, !given),
  ];
}

function newUnitFields(visit: Visit, sent: Values): Field[] {
  const { area } = reachOf(visit, 'unit.register');
  const areas = areaChoices(visit).filter(({ value }) => area === undefined || value === area);
  const given = one(sent, 'newName') !== undefined;
  return [
    { kind: 'line', name: 'newName', label: '新单位名称', most: 200, optional: true },
    { kind: 'line', name: 'newKind', label: '类型', most: 80, optional: true },
    { kind: 'line', name: 'newAddress', label: '地址', most: 300, optional: true },
    { kind: 'select', name: 'newArea', label: '村居', options: areas, optional: !given || area === undefined },
  ];
}

function aboutFields(): Field[] {
  return [
    {
      kind: 'select',
      name: 'mode',
      label: '检查方式',
      options: INSPECTION_MODES.map((mode) => ({ value: mode, label: MODE_NAMES[mode] })),
    },
    {
      kind: 'line',
      name: 'with',
      label: '同行检查人',
      most: 500,
      optional: true,
      hint: '人员编号，用空格隔开；您自己不用填',
    },
    {
      kind: 'radio',
      name: 'signature',
      label: '被检查单位签字',
      options: [
        { value: 'signed', label: '负责人已签字' },
        { value: 'refused', label: '拒绝签字' },
      ],
    },
    {
      kind: 'line',
      name: 'signer',
      label: '签字人编号',
      most: 128,
      optional: true,
      hint: '人员编号，不写姓名；没有编号就留空，记为该单位负责人',
    },
    {
      kind: 'line',
      name: 'refusal',
      label: '拒签原因',
      most: 2000,
      optional: true,
      conditional: true,
      hint: '拒绝签字时填写',
    },
  ];
}

/** What is wrong beyond single fields. */
function also(visit: Visit, checklist: Checklist | undefined, values: Values): Fault[] {
  const faults: Fault[] = [];
  if (one(visit.form, 'unit') === undefined && one(values, 'newName') === undefined) {
    faults.push({ field: 'newName', message: '请选择单位，或填写新单位名称' });
  }
  if (one(values, 'signature') === 'refused' && one(values, 'refusal') === undefined) {
    faults.push({ field: 'refusal', message: '请填写拒签原因' });
  }
  for (const name of ['with', 'signer']) {
    const people = (one(values, name) ?? '').split(/\s+/);
    if (people.every((person) => /^[\x21-\x7e]*$/.test(person))) continue;
    faults.push({ field: name, message: '请填写人员编号（字母、数字），不写姓名' });
  }
  if (!checklist && one(values, EXTRA.clause) === undefined) {
    faults.push({ field: EXTRA.clause, message: '这一专项还没有检查表，请填写所见问题的条款' });
  }
  return faults;
}

// --- layout -----------------------------------------------------------------------------------------------------------------------

interface Arranged {
  checklist: Checklist | undefined;
  unitOnes: Field[];
  items: Field[][];
  extra: Field[];
  about: Field[];
  chosen: boolean;
}

function arranged(show: (field: Field) => Html, { checklist, unitOnes, items, extra, about, chosen }: Arranged): Html {
  return html`
    ${
      !chosen &&
      html`<fieldset class="group" data-new-unit>
        <legend>单位</legend>
        <div data-picker hidden>
          <label for="unit-search">查找已登记的单位</label>
          <input type="text" id="unit-search" autocomplete="off" />
          <ul class="found" aria-label="找到的单位"></ul>
        </div>
        <p class="hint">
          已登记的单位请<a href="${to('/inspect')}">先选择</a>；没有登记的，填写下面几项，随检查一起登记。
        </p>
        ${unitOnes.map(show)}
      </fieldset>`
    }
    <h2>${checklist ? `${checklist.name}（第 ${checklist.version} 版）` : '还没有发布检查表'}</h2>
    <p class="progress" data-progress hidden></p>
    ${items.map(([answer, ...problem], at) => html`<div class="item">${show(answer!)}${asked(problem.map(show), at)}</div>`)}
    <fieldset class="group">
      <legend>检查表以外的问题<span class="optional">（选填）</span></legend>
      ${extra.map(show)} ${photoPart(fieldsOf('x').photos, '照片')}
    </fieldset>
    <fieldset class="group">
      <legend>检查情况</legend>
      ${photoPart('f-all', '现场照片、签字的检查单')}
      <p class="place" data-place hidden></p>
      ${about.map(show)}
    </fieldset>
  `;
}

/** What is asked about a problem: shown once it is one, where the browser can tell. */
const asked = (fields: Html[], at: number): Html =>
  html`<div class="if-problem">${fields} ${photoPart(fieldsOf(at).photos, '照片')}</div>`;

/** Photos need the script: it makes them smaller and their hash before they leave the device. */
const photoPart = (name: string, label: string): Html =>
  html`<div class="photos" data-photos="${name}" hidden>
    <label class="button quiet"> ${label} <input class="off-screen" type="file" accept="image/*" multiple /> </label>
    <ul aria-label="${label}"></ul>
  </div>`;

/** A track may have several checklists, one a kind of unit. */
function otherChecklists(visit: Visit, track: Track, used: Checklist | undefined, chosen: Chosen | undefined): Content {
  const others = checklistsOf(visit, track).filter(({ template }) => template !== used?.template);
  return (
    others.length > 0 &&
    html`<p>
      换用检查表：${joined(
        others.map(
          ({ template, name }) =>
            html`<a href="${address(`/inspect/${track}`, { template, unit: chosen?.unit })}">${name}</a>`,
        ),
        '、',
      )}
    </p>`
  );
}

const unitLine = (chosen: Chosen | undefined): Html =>
  html`<p class="lead" data-unit="${chosen?.unit ?? ''}" data-name="${chosen?.name ?? ''}">${chosen?.name ?? ''}</p>`;

// --- what is recorded -------------------------------------------------------------------------------------------------------------

const JSON_EVIDENCE = z.string().transform((text, context): Evidence => {
  try {
    return evidenceSchema.parse(JSON.parse(text));
  } catch {
    context.addIssue('not evidence');
    return z.NEVER;
  }
});

/** Registers the unit where it is a new one, records the inspection, and grades what was found by those who may. */
async function record(visit: Visit, values: Values, key: string): Promise<Reply> {
  const track = trackOf(visit);
  const checklist = checklistOf(visit, track);
  const { form } = visit;
  const changed = newer(visit, checklist);
  if (changed) return changed;
  const when = circumstances(form);
  const registered = one(form, 'unit') ? undefined : await register(visit, values, track, when, `${key}.unit`);
  const unit = registered?.id ?? must(form, 'unit');
  const answers = answersOf(checklist, values, form);
  const body = {
    unit,
    track,
    mode: must(values, 'mode'),
    ...(checklist ? { template: { id: checklist.template, version: checklist.version } } : {}),
    inspectors: inspectorsOf(visit, values),
    answers,
    signature: signatureOf(values, unit),
    ...evidenceOf(form),
    ...when,
  };
  const done = await visit.act('recordInspection', {}, body, key);
  for (const { item, hazard, outcome } of done.findings ?? []) {
    const at = item === EXTRA.item ? 'x' : (checklist?.items.findIndex((its) => its.item === item) ?? -1);
    const grade = one(values, fieldsOf(at).grade);
    if (grade === undefined || outcome === 'persists' || outcome === 'late') continue;
    const basis = one(values, fieldsOf(at).text) ?? '检查时定级';
    await visit.act('gradeHazard', { id: hazard }, { grade, basis }, `${key}.grade.${item}`).catch((error: unknown) => {
      // the inspection is recorded and is not to be sent as another one; the hazard waits for its grade like others
      if (!(error instanceof DaochaError) || sendAgain(error)) throw error;
    });
  }
  return { location: after(unitPath(unit), 'inspected', { ...registered, ...done }) };
}

/** The checklist has a newer version, and who filled in the older one has not said that it shall be recorded so. */
function newer({ campaign, form, csrf }: Visit, checklist: Checklist | undefined): Reply | undefined {
  const latest = checklist && campaign.checklists.get(checklist.template)?.at(-1);
  if (!checklist || !latest || latest.version === checklist.version) return undefined;
  if (one(form, 'accept') === String(latest.version)) return undefined;
  const message = `检查表已更新为第 ${latest.version} 版，您按第 ${checklist.version} 版填写。可以按第 ${checklist.version} 版提交，记录会写明版本；或按新版重新检查。`;
  const fields = Object.entries({ ...form, csrf: [csrf], accept: [String(latest.version)] });
  return {
    title: '检查表已更新',
    section: 'inspect',
    status: 409,
    faults: { type: 'checklist-changed', faults: [{ message }], accept: String(latest.version) },
    body: html`
      <h1>检查表已更新</h1>
      <p class="lead">${message}</p>
      <form method="post" data-once>
        ${fields.flatMap(([name, all]) => all.map((value) => html`<input type="hidden" name="${name}" value="${value}" />`))}
        <div class="actions">
          <button class="button">按第 ${checklist.version} 版提交</button>
          <a href="${to('/inspect')}">重新检查</a>
        </div>
      </form>
    `,
  };
}

async function register(
  visit: Visit,
  values: Values,
  track: Track,
  when: object,
  key: string,
): Promise<ExecutedAnswer> {
  const optional = (name: string, as: string) => (one(values, name) ? { [as]: one(values, name) } : {});
  const registered = await visit.act(
    'registerUnit',
    {},
    {
      name: must(values, 'newName'),
      ...optional('newKind', 'kind'),
      ...optional('newAddress', 'address'),
      ...optional('newArea', 'area'),
      tracks: [track],
      ...when,
    },
    key,
  );
  const { id } = registered;
  Object.assign(visit.form, { [REGISTERED]: [id], unit: [id], unitName: [must(values, 'newName')] });
  return registered;
}

function answersOf(checklist: Checklist | undefined, values: Values, form: Values): Answer[] {
  const shown = (names: ReturnType<typeof fieldsOf>) => {
    const [text, place, photos] = [one(values, names.text), one(values, names.place), form[names.photos] ?? []];
    return { ...(text && { text }), ...(place && { place }), ...(photos.length > 0 && { evidence: photos }) };
  };
  const answers = (checklist?.items ?? []).map(({ item, clause }, at): Answer => {
    const answer = must(values, fieldsOf(at).answer) as Answer['answer'];
    return { item, clause, answer, ...(answer === 'problem' ? shown(fieldsOf(at)) : {}) };
  });
  const clause = one(values, EXTRA.clause);
  if (clause) answers.push({ item: EXTRA.item, clause, answer: 'problem', ...shown(fieldsOf('x')) });
  return answers;
}

const inspectorsOf = ({ principal }: Visit, values: Values): string[] => [
  ...new Set([principal.person, ...(one(values, 'with') ?? '').split(/\s+/).filter(Boolean)]),
];

function signatureOf(values: Values, unit: string): object {
  if (one(values, 'signature') === 'refused') return { kind: 'refused', reason: must(values, 'refusal') };
  return { kind: 'signed', by: one(values, 'signer') ?? `in-charge:${unit}` };
}

function evidenceOf(form: Values): { evidence?: Evidence[] } {
  const all = z.array(JSON_EVIDENCE).safeParse(form['evidence'] ?? []).data ?? [];
  const evidence = [...new Map(all.map((file) => [file.sha256, file])).values()];
  return evidence.length > 0 ? { evidence } : {};
}

/** When, where and with which device: the script says it, a plain form is of now. Nothing happened before the page was made. */
function circumstances(form: Values): Record<string, unknown> {
  const [lat, lon, accuracy] = (one(form, 'at') ?? '').split(',').map(Number);
  const device = one(form, 'device');
  return {
    ...claimed(form, 'occurredAt'),
    ...claimed(form, 'draftedFrom'),
    ...(Number.isFinite(lat) && Number.isFinite(lon) && form['at'] ? { place: { lat, lon, accuracy } } : {}),
    ...(device ? { device: cutText(device, 128, '') } : {}),
  };
}

const claimed = (form: Values, name: string): object => (one(form, name) ? { [name]: one(form, name) } : {});
