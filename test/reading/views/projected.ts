// The views of a history without any table: every event folded once, in order. What the real projector must arrive at.
import { foldDocument, type Loaded, ABSENT } from '../../../shared/reading/views/apply.ts';
import type { DocumentView, Placed, ViewDeps } from '../../../shared/reading/views/view.ts';
import type { FakeDynamo } from '../../support/fake-dynamo.ts';
import { TENANT } from '../../support/histories.ts';

export function viewDeps(fake: FakeDynamo): ViewDeps {
  return {
    dynamo: fake.client,
    events: 'events',
    log: 'log',
    views: 'views',
    tenant: TENANT,
    now: () => new Date(Date.UTC(2026, 0, 1)),
    backoff: () => Promise.resolve(),
  };
}

/** All documents of one view after these events, by `<key> <sk>`. */
export function documents<Doc extends object>(view: DocumentView<Doc>, placed: readonly Placed[]): Map<string, Doc> {
  const loaded = new Map<string, Loaded<Doc>>();
  for (const event of placed) {
    for (const where of view.keys(event.event)) {
      const id = `${where.key} ${where.sk}`;
      loaded.set(id, foldDocument(view, where, loaded.get(id) ?? ABSENT, [event]));
    }
  }
  return new Map([...loaded].flatMap(([id, { doc }]) => (doc ? [[id, doc] as const] : [])));
}
