// An event as others see it on the bus: CloudEvents 1.0 in JSON. Attribute names are lower-case letters and digits, as
// the specification wants; what has no place among its attributes is an extension attribute. Subscribers find doubles by
// `source` + `id`, and order by `position`.
import type { Positioned } from '../../shared/record/log/read.ts';

export interface CloudEvent {
  specversion: '1.0';
  id: string;
  /** `urn:daocha:<tenant>` */
  source: string;
  /** `daocha.<Type>.v<schema>` */
  type: string;
  /** the stream */
  subject: string;
  /** when it happened, as people claim */
  time: string;
  datacontenttype: 'application/json';
  /** place in the tenant's one global order */
  position: number;
  /** place in its stream */
  streamversion: number;
  /** when it was recorded, by the server's clock */
  recordedat: string;
  /** reference of the person who acted, never a name */
  person: string;
  post: string;
  /** the organisation that the person acted for */
  actingorganisation: string;
  /** api, import, policy or clock */
  channel: string;
  ruleset: number;
  command: string;
  unit?: string;
  track?: string;
  /** the organisation responsible */
  organisation?: string;
  cause?: string;
  correlation?: string;
  data?: unknown;
  /** where the data is, when it is not in here (CloudEvents extension “dataref”) */
  dataref?: string;
}

export function cloudEvent({ position, event }: Pick<Positioned, 'position' | 'event'>): CloudEvent {
  return {
    specversion: '1.0',
    id: event.id,
    source: `urn:daocha:${event.tenant}`,
    type: `daocha.${event.type}.v${event.schema}`,
    subject: event.stream,
    time: event.occurredAt,
    datacontenttype: 'application/json',
    position,
    streamversion: event.version,
    recordedat: event.recordedAt,
    person: event.actor.person,
    post: event.actor.post,
    actingorganisation: event.actor.organisation,
    channel: event.source,
    ruleset: event.ruleSet,
    command: event.command,
    ...present({
      unit: event.unit,
      track: event.track,
      organisation: event.organisation,
      cause: event.cause,
      correlation: event.correlation,
    }),
    data: event.data,
  };
}

/** The same event without its data, which is then read at the reference: the event's id under `urn:daocha:<tenant>:event:`. */
export function withoutData(event: CloudEvent): CloudEvent {
  return { ...event, data: undefined, dataref: `${event.source}:event:${event.id}` };
}

function present<T extends Record<string, unknown>>(attributes: T): Partial<T> {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined)) as Partial<T>;
}
