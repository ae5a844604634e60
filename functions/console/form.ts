// Forms: declared as a list of fields, shown, read back, checked, and shown again with every fault named and nothing lost that was
// typed. Each form carries an idempotency key, so that sending it twice is doing it once, and the session's token.
import { randomUUID } from 'node:crypto';
import { DaochaError } from '../../events/errors.ts';
import { isSeen, refusedIn } from '../../shared/text.ts';
import { ForeignForm } from './csrf.ts';
import { asksFor, characterWords, sendAgain, wordsFor } from './error-words.ts';
import { attribute, flag, html, type Content, type Html } from '../../shared/reading/html.ts';
import { to, unitPath, type AlikeUnits, type Fault, type Reply, type Shown, type Visit } from './page.ts';

export interface Option {
  value: string;
  label: string;
  hint?: string;
}

export const YES_NO: readonly Option[] = [
  { value: 'true', label: '是' },
  { value: 'false', label: '否' },
];

/** What the reference of a person is like. */
export const PERSON_LIKE = [/^[\x21-\x7e]+$/, '人员编号只有字母、数字和符号，没有空格；不要填姓名'] as const;

interface Common {
  name: string;
  label: string;
  hint?: string;
  /** what it is called in a fault, where its label alone would not tell which field is meant */
  said?: string;
  /** asked for in one case only, so that neither “选填” nor its absence would tell the truth */
  conditional?: boolean;
  /** may be left empty; every other field must be filled in */
  optional?: boolean;
}
export type Field = Common &
  (
    | {
        kind: 'line' | 'text';
        most: number;
        autocomplete?: string;
        /** what it must be like, and what is said when it is not */
        like?: readonly [RegExp, string];
      }
    | { kind: 'date' }
    | { kind: 'radio' | 'select' | 'checkboxes'; options: readonly Option[] }
  );

/** What was filled in: a text for each field, of several ticked boxes all of them. */
export type Values = Record<string, string[]>;

export interface FormPage {
  title: string;
  section?: NonNullable<Shown['section']>;
  above: NonNullable<Shown['above']>;
  /** what the form is about, above its fields */
  intro?: Html;
  fields: readonly Field[];
  /** layout of the fields; default: one below the other */
  arranged?: (show: (field: Field) => Html) => Html;
  /** what is wrong beyond single fields */
  also?: (values: Values) => readonly Fault[];
  /** filled in where the network comes and goes: sent only once the platform has been reached, else it stays as it was filled in */
  stays?: boolean;
  /** scripts of the page */
  scripts?: Shown['scripts'];
  /** what the fields hold at first */
  initial?: Values;
  /** names of hidden fields, sent back as `initial` has them, or as they were sent */
  carries?: readonly string[];
  button: string;
  /** the button does something that is not easily undone */
  weighty?: boolean;
  /** page to go back to without sending */
  back: string;
}

/** One line of what was filled in, or undefined when it was left empty. */
export const one = (values: Values, name: string): string | undefined => values[name]?.[0] || undefined;
/** A line that has been checked to be there. */
export const must = (values: Values, name: string): string => values[name]?.[0] ?? '';

/** Shows the form, ready to be filled in. */
export function showForm(visit: Visit, page: FormPage): Shown {
  return render(visit, page, page.initial ?? {}, [], randomUUID(), 200);
}

/**
 * Takes a form that was sent: checks it, and lets `run` do what it is for. What is wrong with what was filled in comes back on the form.
 * @throws ForeignForm for one without its key, and what the API throws for what no filling in can mend (403, 404)
 */
export async function takeForm(
  visit: Visit,
  page: FormPage,
  run: (values: Values, key: string) => Promise<Reply>,
): Promise<Reply> {
  const { values, key } = sent(visit, page);
  if (visit.foreign) return render(visit, page, values, [{ message: foreignWords(visit) }], key, 403);
  const faults = [
    ...page.fields.flatMap((field) => faultOf(field, values) ?? []),
    ...[faultOf(BASIS, visit.form) ?? []].flat(),
    ...(page.also?.(values) ?? []),
  ];
  if (faults.length > 0) return render(visit, page, values, faults, key, 400);
  try {
    return await run(values, key);
  } catch (error) {
    if (!(error instanceof DaochaError) || error.status === 403 || error.status === 404) throw error;
    const { type, status } = error;
    const asks = asksFor(error);
    const alike = type === 'unit-looks-like' ? (error.facts['units'] as AlikeUnits[]) : undefined;
    const named = page.fields.find(({ name }) => name === error.field);
    const own = alike ? APART : named?.name;
    const field = asks === 'basis' ? BASIS.name : own;
    const next = sendAgain(error) ? key : randomUUID();
    return render(
      visit,
      page,
      values,
      [{ field, message: wordsFor(error, named?.said ?? named?.label) }],
      next,
      status,
      { type, asks, alike },
    );
  }
}

/** Another tab has signed out and in meanwhile, perhaps as somebody else: nothing is recorded under their name unsaid. */
const foreignWords = ({ principal }: Visit): string =>
  `页面已过期，没有提交：它是在另一次登录时打开的。现在登录的是 ${principal.person}；以此身份办理的，请核对所填内容后再提交一次。`;

function sent(visit: Visit, { fields }: FormPage): { values: Values; key: string } {
  const values = Object.fromEntries(
    fields.map(({ name, kind }) => {
      const all = visit.form[name] ?? [];
      // line ends arrive as CRLF whatever was typed
      return [name, kind === 'checkboxes' ? all : all.slice(0, 1).map((text) => text.replaceAll('\r\n', '\n').trim())];
    }),
  );
  const key = visit.form['key']?.[0] ?? '';
  // without its key a form sent twice would be done twice
  if (!/^[\w-]{8,64}$/.test(key)) throw new ForeignForm();
  return { values, key };
}

function faultOf(field: Field, values: Values): Fault | undefined {
  const { name, said: label = field.label } = field;
  const given = (values[name] ?? []).filter(isSeen);
  const fault = (message: string): Fault => ({ field: name, message });
  if (given.length === 0) {
    if (field.optional) return undefined;
    return fault('options' in field ? `请选择${label}` : `请填写${label}`);
  }
  if ('most' in field) {
    const { length } = given[0]!;
    if (length > field.most) return fault(`${label}最多 ${field.most} 字，现有 ${length} 字`);
    const character = refusedIn(given[0]!, field.kind === 'line' ? 'name' : 'text');
    if (character !== undefined) return fault(`${label}：${characterWords(character)}`);
    if (field.like && !field.like[0].test(given[0]!)) return fault(field.like[1]);
  } else if (!('options' in field)) {
    if (!isDate(given[0]!)) return fault(`${label}应为日期，例如 2025-06-30`);
  } else if (given.some((value) => !field.options.some((option) => option.value === value))) {
    return fault(`请从所列各项中选择${label}`);
  }
  return undefined;
}

/** A calendar day that exists, as `2025-06-30`. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** Asked when the record speaks against a claimed time: nothing is written until it is answered, and the answer is kept on the event. */
const BASIS: Field = {
  kind: 'text',
  name: 'lateBasis',
  label: '依据',
  hint: '说明为什么是这个时间，例如：凭签字的检查单。随事项一起记录。',
  most: 2000,
  optional: true,
  conditional: true,
};

/** Units that the new one, or the new name, reads like; ticked, it is another one all the same, and that goes on record. */
const APART = 'distinctFrom';
const apart = (alike: readonly AlikeUnits[], show: (field: Field) => Html): Html => html`
  <p>在册的是：</p>
  <ul>
    ${alike.map(
      ({ id, name, address }) => html`<li><a href="${to(unitPath(id))}">${name}</a>${address && `，${address}`}</li>`,
    )}
  </ul>
  ${show({
    kind: 'checkboxes',
    name: APART,
    label: '不是同一家',
    hint: '是同一家的，请到那一单位办理；确是另一家的，勾选后再提交。',
    options: alike.map(({ id, name, address }) => ({ value: id, label: `确是另一家，不是${name}${address ?? ''}` })),
    optional: true,
    conditional: true,
  })}
`;

function render(
  visit: Visit,
  page: FormPage,
  values: Values,
  faults: readonly Fault[],
  key: string,
  status: number,
  { type, asks, alike }: { type: string; asks?: 'time' | 'basis' | undefined; alike?: AlikeUnits[] | undefined } = {
    type: 'invalid-input',
  },
): Shown {
  const { title, section, above, intro, fields, button, back } = page;
  const said = visit.form[BASIS.name];
  const apartFrom = visit.form['distinctFrom'] ?? [];
  const given = { ...values, ...(said && { [BASIS.name]: said }), [APART]: apartFrom };
  const show = (field: Field): Html =>
    control(field, given, faults.find((fault) => fault.field === field.name)?.message);
  const body = html`
    ${faults.length > 0 && errorSummary(faults)}
    <h1>${title}</h1>
    ${intro}
    <form method="post" action="${visit.path}" novalidate data-once ${flag('data-stays', page.stays ?? false)}>
      ${hidden(visit, key)}
      ${page.carries?.map((name) => {
        const value = visit.form[name]?.[0] ?? page.initial?.[name]?.[0];
        return value !== undefined && html`<input type="hidden" name="${name}" value="${value}" />`;
      })}
      ${(asks === 'basis' || said) && show(BASIS)} ${alike && apart(alike, show)}
      ${apartFrom
        .filter((id) => !alike?.some((unit) => unit.id === id))
        .map((id) => html`<input type="hidden" name="${APART}" value="${id}" />`)}
      ${page.arranged ? page.arranged(show) : fields.map(show)}
      <div class="actions">
        <button class="${page.weighty ? 'button weighty' : 'button'}">${button}</button>
        <a href="${back}">取消</a>
      </div>
    </form>
  `;
  return {
    title: faults.length > 0 ? `有误：${title}` : title,
    ...(section && { section }),
    ...(page.scripts && { scripts: page.scripts }),
    above,
    body,
    status,
    ...(faults.length > 0 && { faults: { type, faults, ...(asks && { asks }), ...(alike && { alike }) } }),
  };
}

/** The hidden fields that every form has. */
export function hidden(visit: Pick<Visit, 'csrf'>, key: string = randomUUID()): Html {
  return html`<input type="hidden" name="csrf" value="${visit.csrf}" /><input
      type="hidden"
      name="key"
      value="${key}"
    />`;
}

function errorSummary(faults: readonly Fault[]): Html {
  return html`<div class="faults" role="alert" aria-labelledby="faults" tabindex="-1" autofocus>
    <h2 id="faults">请先改正</h2>
    <ul>
      ${faults.map(({ field, message }) =>
        field === undefined ? html`<li>${message}</li>` : html`<li><a href="#f-${field}">${message}</a></li>`,
      )}
    </ul>
  </div>`;
}

function control(field: Field, values: Values, fault: string | undefined): Html {
  const { name, label, hint, kind } = field;
  const optional = field.optional && !field.conditional;
  const id = `f-${name}`;
  const described = [hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(' ') || undefined;
  const notes = html`
    ${hint && html`<p class="hint" id="${id}-hint">${hint}</p>`}
    ${fault && html`<p class="fault" id="${id}-fault"><span class="off-screen">错误：</span>${fault}</p>`}
  `;
  const name2 = html`${label}${optional && html`<span class="optional">（选填）</span>`}`;
  const states = html`${attribute('aria-describedby', described)}${attribute('aria-invalid', fault && 'true')}`;
  if (kind === 'radio' || kind === 'checkboxes') {
    return html`<fieldset class="${fault ? 'field faulty' : 'field'}" ${attribute('aria-describedby', described)}>
      <legend>${name2}</legend>
      ${notes} ${field.options.map((option, at) => choice(field, option, at === 0 ? id : `${id}-${at}`, values))}
    </fieldset>`;
  }
  return html`<div class="${fault ? 'field faulty' : 'field'}">
    <label for="${id}">${name2}</label>
    ${notes}${input(field, id, values[name]?.[0] ?? '', states)}
  </div>`;
}

function input(field: Field, id: string, value: string, states: Content): Html {
  const { name } = field;
  switch (field.kind) {
    case 'radio':
    case 'checkboxes':
      throw new Error(`${field.kind} is no single input`);
    case 'text':
      // the line end after the tag is not part of the text; without it a first empty line would be lost
      return html`<textarea id="${id}" name="${name}" rows="4" ${states}>${'\n'}${value}</textarea>`;
    case 'select':
      return html`<select id="${id}" name="${name}" ${states}>
        <option value="">请选择</option>
        ${field.options.map(
          (option) =>
            html`<option value="${option.value}" ${flag('selected', option.value === value)}>${option.label}</option>`,
        )}
      </select>`;
    case 'date':
      return html`<input type="date" id="${id}" name="${name}" value="${value}" ${states} />`;
    case 'line':
      return html`<input
        type="text"
        id="${id}"
        name="${name}"
        value="${value}"
        ${attribute('autocomplete', field.autocomplete ?? 'off')}${states}
      />`;
  }
}

function choice(field: Field & { options: readonly Option[] }, option: Option, id: string, values: Values): Html {
  const ticked = (values[field.name] ?? []).includes(option.value);
  const hint = option.hint === undefined ? undefined : `${id}-hint`;
  return html`<div class="choice">
    <input
      type="${field.kind === 'radio' ? 'radio' : 'checkbox'}"
      id="${id}"
      name="${field.name}"
      value="${option.value}"
      ${flag('checked', ticked)}${attribute('aria-describedby', hint)}
    />
    <label for="${id}">${option.label}</label>
    ${hint && html`<p class="hint" id="${hint}">${option.hint}</p>`}
  </div>`;
}
