// What an event says beyond its type, line by line: the titles and values of its fields, people by name for those who may
// know them, hazards as links.
import type { CampaignDefinition } from '../../../events/campaign.ts';
import type { DataField } from '../../../events/field.ts';
import type { Recipient } from '../../../events/reminder.ts';
import { correctedZh, fieldZh, organisationName, postZh, valueZh } from '../../../shared/reading/dictionary.ts';
import { samePerson } from '../../../shared/person.ts';
import { html, joined, type Content } from '../../../shared/reading/html.ts';
import { fieldsIn } from '../../../shared/reading/trace/event-text.ts';
import type { ShownEvent } from '../answers.ts';
import { byReference, type Named } from '../names.ts';
import { hazardPath, to } from '../page.ts';

export function eventDetails(
  campaign: CampaignDefinition | null,
  event: ShownEvent,
  named: Named = byReference,
): [string, Content][] {
  const { lateBasis } = event;
  const lines = fieldsIn(event, 'page').map(([field, value]): [string, Content] => [
    field.title,
    shown(field, value, campaign, field.claimed ? claimed(event.actor, named) : named),
  ]);
  return lateBasis === undefined ? lines : [...lines, ['补录依据', lateBasis]];
}

/** Named by somebody else, and not confirmed by themselves. */
const claimed =
  (actor: ShownEvent['actor'], named: Named): Named =>
  (person) =>
    samePerson(person, actor.person)
      ? named(person)
      : html`${named(person)}<span class="muted">（由 ${named(actor.person)} 填报，未确认）</span>`;

function shown(field: DataField, value: unknown, campaign: CampaignDefinition | null, named: Named): Content {
  const nameOf = (id: string): string => organisationName(campaign, id);
  const each = (one: (value: string) => Content): Content =>
    joined((field.many ? (value as string[]) : [value as string]).map(one), '、');
  const { kind } = field;
  if (kind === 'person') return each(named);
  if (kind === 'hazard') return each((id) => html`<a href="${to(hazardPath(id))}">${id}</a>`);
  if (kind === 'files') {
    return (value as { name: string; bytes: number; sha256: string }[]).map(
      ({ name, bytes, sha256 }) =>
        html`<span class="sub">${name}（${bytes} 字节）SHA-256 <code class="hash">${sha256}</code></span>`,
    );
  }
  if (kind === 'changes') {
    return (value as { field: string; from: unknown; to: unknown }[]).map(
      ({ field: path, from, to: after }) =>
        html`<span class="sub"
          >${fieldZh(path)}：<del>${correctedZh(path, from, nameOf)}</del> → ${correctedZh(path, after, nameOf)}</span
        >`,
    );
  }
  if (kind === 'recipients') {
    return (value as Recipient[]).map(
      ({ organisation, post, person }) =>
        html`<span class="sub"
          >${nameOf(organisation)} · ${postZh(post)} · ${person === null ? '岗位空缺' : named(person)}</span
        >`,
    );
  }
  return valueZh(field, value, nameOf);
}
