// Query: the present names of some units, for lists of what is about them. One batch read, one small item a unit.
import { batchGet } from '../../record/log/batch.ts';
import { loadedOf, itemKey } from '../views/apply.ts';
import { currentGeneration } from '../views/generation.ts';
import { UNIT_ENTRY_SK, unitsView, type UnitEntry } from './list.ts';
import { viewPartition, type ViewDeps } from '../views/view.ts';

/** Names by id; a unit that the views do not have yet is missing. */
export async function unitNames(deps: ViewDeps, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const generation = await currentGeneration(deps);
  const keys = [...new Set(ids)].map((id) =>
    itemKey(viewPartition(deps.tenant, generation, unitsView.name, id), UNIT_ENTRY_SK),
  );
  const items = await batchGet(deps.dynamo, deps.views, keys, deps.backoff);
  return new Map(
    items.map((item) => {
      const { unit, name } = loadedOf<UnitEntry>(item).doc!;
      return [unit, name];
    }),
  );
}
