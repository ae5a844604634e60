// Whether the definition of a duty (应办事项) fits together and fits the campaign, before it is published: what it says later is asked
// of people, so every mistake is named with its step and field and what would be right.
import type { CampaignDefinition } from '../../../events/campaign.ts';
import type { DutyDefinition, DutyField, DutyRule, DutyStep } from '../../../events/duty-definition.ts';
import { dateSchema, idSchema, personSchema } from '../../../events/envelope.ts';
import { RuleViolated } from '../../../events/errors.ts';

/** @throws RuleViolated `duty-definition` naming the field */
export function checkDuty(campaign: CampaignDefinition, definition: DutyDefinition): void {
  checkSubject(campaign, definition);
  const { steps, parallel } = definition;
  once('steps', 'step', steps);
  for (const [at, step] of steps.entries()) {
    const where = `steps[${at}]`;
    checkFields(where, step);
    for (const [n, rule] of (step.rules ?? []).entries()) checkRule(`${where}.rules[${n}]`, rule, step);
    checkOrder(where, step, { last: at === steps.length - 1, first: at === 0, parallel: parallel === true });
    checkEffects(where, step, definition);
  }
}

function wrong(field: string, message: string, expected: string): RuleViolated {
  return new RuleViolated('duty-definition', `${field}: ${message}`, { field, expected });
}

function once<Key extends string>(where: string, key: Key, all: readonly Record<Key, string>[]): void {
  const twice = all.findIndex((one, at) => all.findIndex((other) => other[key] === one[key]) < at);
  if (twice >= 0) throw wrong(`${where}[${twice}].${key}`, `${all[twice]![key]} is there twice`, `each ${key} once`);
}

function checkSubject(campaign: CampaignDefinition, { track, subject, opens, owed }: DutyDefinition): void {
  const tracks = campaign.tracks.map((one) => one.track);
  if (track !== undefined && !tracks.includes(track)) {
    throw wrong('track', `the campaign has no track ${track}`, `one of ${tracks.join(', ')}`);
  }
  const atUnits = opens.by === 'unit' || opens.by === 'event';
  if (atUnits && subject !== 'unit') throw wrong('subject', `what opens with a unit is about ${subject}`, 'unit');
  if (subject === 'matter' && opens.by !== 'hand') {
    throw wrong('opens.by', 'a matter has a name, and only people can give it one', 'hand');
  }
  if (opens.by === 'event' && opens.to !== undefined && opens.event !== 'RiskGraded') {
    throw wrong('opens.to', `${opens.event} grades nothing`, 'only with RiskGraded');
  }
  if ((owed.by === 'organisation') !== (owed.organisation !== undefined)) {
    throw wrong('owed.organisation', 'an organisation is named for owed by organisation, and only then', 'one of both');
  }
  const { organisations } = campaign;
  if (owed.organisation !== undefined && !organisations.some(({ id }) => id === owed.organisation)) {
    throw wrong(
      'owed.organisation',
      `the campaign has no organisation ${owed.organisation}`,
      `one of ${organisations.map(({ id }) => id).join(', ')}`,
    );
  }
  if ((owed.by === 'lead' || owed.by === 'responsible') && track === undefined) {
    throw wrong('owed.by', `${owed.by} is of a track, and none is named`, 'a track, or another one who owes it');
  }
  if (owed.by === 'supervisor' && subject !== 'unit' && subject !== 'matter') {
    throw wrong('owed.by', 'only a unit has a supervisor', 'area, lead, responsible or organisation');
  }
  if (owed.by === 'responsible' && subject !== 'organisation') {
    throw wrong('owed.by', 'each responsible organisation owes one of its own', 'the subject organisation');
  }
  if (owed.by === 'area' && (subject === 'town' || subject === 'organisation')) {
    throw wrong('owed.by', `${subject} lies in no village's area`, 'lead, responsible or organisation');
  }
}

function checkFields(where: string, { fields = [] }: DutyStep): void {
  once(`${where}.fields`, 'field', fields);
  for (const [n, { field, kind, unit, least, most, choices }] of fields.entries()) {
    const at = `${where}.fields[${n}]`;
    if (RESERVED.has(field)) throw wrong(`${at}.field`, `${field} is no name of a field`, 'a name in Chinese');
    const counted = kind === 'number' || kind === 'money';
    if (!counted && (least !== undefined || most !== undefined || unit !== undefined)) {
      throw wrong(at, `${field} is no number, and has a unit or bounds`, 'unit, least and most with number or money');
    }
    if (least !== undefined && most !== undefined && least > most) {
      throw wrong(`${at}.least`, `${least} is more than ${most}`, `at most ${most}`);
    }
    if ((kind === 'choice') !== (choices !== undefined)) {
      throw wrong(`${at}.choices`, `choices are for the kind choice, and only for it`, 'two choices or more, or none');
    }
    if (choices && new Set(choices).size < choices.length) {
      throw wrong(`${at}.choices`, 'a choice is there twice', 'each choice once');
    }
  }
}
/** What every object has: no field is called so. */
const RESERVED = new Set(Object.getOwnPropertyNames(Object.prototype));

const COUNTED: ReadonlySet<DutyField['kind']> = new Set(['number', 'money']);

function checkRule(where: string, rule: DutyRule, { fields = [] }: DutyStep): void {
  const known = (at: string, name: string): DutyField => {
    const field = fields.find((one) => one.field === name);
    if (field) return field;
    throw wrong(
      at,
      `the step has no field ${name}`,
      `one of ${fields.map((one) => one.field).join(', ') || 'its fields: it has none'}`,
    );
  };
  const given = (at: string, field: DutyField): void => {
    if (field.optional && rule.when?.field !== field.field) {
      throw wrong(at, `${field.field} may be left out, and then nothing could be said`, 'a field that must be given');
    }
  };
  if (rule.rule === 'least' || rule.rule === 'most') {
    for (const [n, part] of rule.sum.entries()) {
      const field = known(`${where}.sum[${n}].field`, part.field);
      given(`${where}.sum[${n}].field`, field);
      if (!COUNTED.has(field.kind)) {
        throw wrong(`${where}.sum[${n}].field`, `${part.field} is ${field.kind}`, 'a field that is a number or money');
      }
    }
  } else {
    const field = known(`${where}.field`, rule.field);
    given(`${where}.field`, field);
    if (rule.rule === 'yes' && field.kind !== 'yes-no') {
      throw wrong(`${where}.field`, `${rule.field} is ${field.kind}`, 'a field that is yes-no');
    }
    const none = rule.rule === 'one-of' ? rule.values.find((value) => !field.choices?.includes(value)) : undefined;
    if (none !== undefined) {
      throw wrong(
        `${where}.values`,
        `${none} is no choice of ${rule.field}`,
        field.choices?.join(', ') ?? 'a field that is a choice',
      );
    }
  }
  if (!rule.when) return;
  const { field: name, is } = rule.when;
  const fault = valueFault(known(`${where}.when.field`, name), is);
  if (fault) throw wrong(`${where}.when.is`, `${name} is never ${String(is)}`, fault);
}

function checkOrder(
  where: string,
  { gate, rules = [], every, due }: DutyStep,
  { last, first, parallel }: { last: boolean; first: boolean; parallel: boolean },
): void {
  if (gate && last) throw wrong(`${where}.gate`, 'nothing comes after the last step', 'a gate before another step');
  if (gate && parallel) throw wrong(`${where}.gate`, 'steps in any order have none after them', 'steps in order');
  if (gate && rules.length === 0) throw wrong(`${where}.gate`, 'a gate without a rule never closes', 'rules');
  if (every !== undefined && (last || parallel)) {
    throw wrong(
      `${where}.every`,
      'it is done again until the next step is, and there is none',
      'a step before another',
    );
  }
  if (due?.by === 'working-days' && due.after === 'step' && (first || parallel)) {
    throw wrong(`${where}.due.after`, 'no step comes before this one', 'opening');
  }
}

function checkEffects(where: string, step: DutyStep, { subject, track, opens, steps }: DutyDefinition): void {
  const { hazard, grades, fulfilledBy, due, second, rules = [], fields = [] } = step;
  if (due?.by === 'period' && opens.by !== 'period') {
    throw wrong(
      `${where}.due.by`,
      'only what opens by the period has a day of the period',
      'opens by period, or a date',
    );
  }
  const atUnit = subject === 'unit' || subject === 'matter';
  if (hazard !== undefined && (!atUnit || track === undefined || rules.length === 0)) {
    throw wrong(
      `${where}.hazard`,
      'a hazard is at a unit, in a track, for a rule that is unmet',
      'a unit, a track and rules',
    );
  }
  if (grades !== undefined) {
    const field = fields.find((one) => one.field === grades);
    if (subject !== 'unit' || !field?.choices?.every((choice) => GRADES.has(choice)) || !second) {
      throw wrong(
        `${where}.grades`,
        'a unit is graded by a choice out of A, B, C, D that another person confirms',
        'subject unit, `second`, and a field of the kind choice',
      );
    }
  }
  if (fulfilledBy === undefined) return;
  const circular = opens.by === 'event' && (opens.event as string) === fulfilledBy;
  if (circular)
    throw wrong(`${where}.fulfilledBy`, `${fulfilledBy} opens it: it would be done by itself`, 'another event');
  const twice = steps.findIndex((other) => other !== step && other.fulfilledBy === fulfilledBy);
  if (twice >= 0) {
    throw wrong(`${where}.fulfilledBy`, `${fulfilledBy} does steps[${twice}] already`, 'each event one step');
  }
  if (subject !== 'unit' || opens.by === 'hand' || opens.by === 'period') {
    throw wrong(
      `${where}.fulfilledBy`,
      'it has to be told which duty the event is about',
      'opens by unit, event or date, at units',
    );
  }
  if (fulfilledBy === 'AgreementSigned' && !(opens.by === 'event' && opens.event === 'LeaseRecorded')) {
    throw wrong(`${where}.fulfilledBy`, 'an agreement is of a lease', 'opens by the event LeaseRecorded');
  }
  if (fields.some(({ optional }) => !optional) || step.evidence || second) {
    throw wrong(
      `${where}.fulfilledBy`,
      'an event brings no fields, evidence or second person',
      'a step that asks for none',
    );
  }
}
const GRADES: ReadonlySet<string> = new Set(['A', 'B', 'C', 'D']);

/** What would be right, when a value does not fit its field. */
export function valueFault({ kind, least, most, choices }: DutyField, value: unknown): string | undefined {
  switch (kind) {
    case 'number':
    case 'money': {
      const bounds = [
        least === undefined ? (kind === 'money' ? 'at least 0' : '') : `at least ${least}`,
        most === undefined ? '' : `at most ${most}`,
      ].filter(Boolean);
      const fits =
        typeof value === 'number' &&
        Number.isFinite(value) &&
        value >= (least ?? (kind === 'money' ? 0 : -Infinity)) &&
        value <= (most ?? Infinity) &&
        (kind === 'number' || Math.abs(value * 100 - Math.round(value * 100)) < 1e-6);
      return fits ? undefined : ['a number', ...bounds].join(', ');
    }
    case 'yes-no':
      return typeof value === 'boolean' ? undefined : 'true or false';
    case 'choice':
      return choices!.includes(value as string) ? undefined : `one of ${choices!.join(', ')}`;
    case 'date':
      return dateSchema.safeParse(value).success ? undefined : 'a date that exists, e.g. 2025-06-30';
    case 'person':
      return personSchema.safeParse(value).success
        ? undefined
        : 'the reference of a person (ASCII without blanks), never a name';
    case 'organisation':
      return idSchema.safeParse(value).success ? undefined : 'the id of an organisation';
    case 'text':
      return typeof value === 'string' && value.trim() !== '' ? undefined : 'a text';
  }
}
