// What must hold of every seal of the index that a log has, whoever wrote it when.
import { IndexTree } from '../../../shared/record/index/index-tree.ts';
import { subjectsOf } from '../../../events/subjects.ts';
import type { LogDeps } from '../../../shared/record/log/deps.ts';
import { walkLog } from '../../../shared/record/log/read.ts';

/** Sizes of the seals in the log, in its order; and what is wrong with them. */
export async function sealsOf(deps: LogDeps): Promise<{ sizes: number[]; wrong: string[] }> {
  const tree = new IndexTree();
  const sizes: number[] = [];
  const wrong: string[] = [];
  for await (const events of walkLog(deps, 0, { batch: 500 })) {
    for (const { event, position } of events) {
      tree.add(subjectsOf(event));
      if (event.type !== 'IndexSealed') continue;
      const { size, root } = event.data;
      if (size > position) wrong.push(`the seal at ${position} is of ${size}`);
      if (size <= (sizes.at(-1) ?? 0)) wrong.push(`the seal of ${size} comes after one of ${sizes.at(-1)}`);
      if (Buffer.from(tree.rootOf(size) ?? []).toString('hex') !== root) wrong.push(`the root of ${size}`);
      sizes.push(size);
    }
  }
  return { sizes, wrong };
}
