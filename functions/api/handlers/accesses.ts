// The access log, read.
import { accessesOf } from '../../../shared/record/access/access.ts';
import { InvalidInput } from '../../../events/errors.ts';
import type { TypedHandlers } from '../handler-types.ts';

export const accessHandlers = {
  listAccesses: async (deps, call) => {
    const { unit, person, after, until = call.now.toISOString(), lists, limit, cursor } = call.query;
    const subject =
      person !== undefined && unit === undefined
        ? { person }
        : unit !== undefined && person === undefined
          ? { unit }
          : undefined;
    if (!subject)
      throw new InvalidInput('unit or person: one of the two', { field: 'unit', expected: 'a unit, or a person' });
    if (until <= after) {
      throw new InvalidInput(`until: ${until} is not after ${after}`, {
        field: 'until',
        expected: `later than ${after}`,
      });
    }
    if (cursor !== undefined && (cursor < after || cursor > until)) {
      throw new InvalidInput('cursor: it belongs to another time', {
        field: 'cursor',
        expected: 'the cursor of the page before, sent with the same unit and times',
      });
    }
    const page = await accessesOf(deps.access, subject, { after, until, lists, limit, from: cursor });
    return {
      status: 200,
      body: { items: page.accesses, ...(page.next === undefined ? {} : { cursor: page.next }) },
    };
  },
} satisfies TypedHandlers;
