// Counts what the engine reports: a middleware asks for the consumed capacity of every call of a client, and adds it up under what
// the call was for. Items read are counted as well.
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

export interface Consumed {
  /** write units, by purpose */
  writes: Record<string, number>;
  /** read units, all together */
  reads: number;
  /** items that reads returned */
  items: number;
  calls: number;
}

interface Capacity {
  TableName?: string;
  CapacityUnits?: number;
  Table?: { CapacityUnits?: number };
}

interface Output {
  ConsumedCapacity?: Capacity | Capacity[];
  Item?: unknown;
  Items?: unknown[];
  Responses?: Record<string, unknown[]>;
}

/** A head of the log has 1 KB at most; within a transaction that is two units. */
const HEAD_UNITS = 2;
const WRITE = /^(Put|Update|Delete|BatchWrite|TransactWrite)/;

/** Makes the client count, from now on for good. `take` gives what was counted since it was last called. */
export function countCapacity(
  dynamo: DynamoDBClient,
  tables: { events: string; log: string; views: string },
): { take: () => Consumed } {
  const nothing = (): Consumed => ({ writes: {}, reads: 0, items: 0, calls: 0 });
  let counted = nothing();
  const add = (purpose: string, units: number): void => {
    counted.writes[purpose] = (counted.writes[purpose] ?? 0) + units;
  };
  const write = (name: string, { TableName, CapacityUnits = 0, Table }: Capacity): void => {
    if (TableName?.endsWith(tables.events)) return add('events', CapacityUnits);
    if (TableName?.endsWith(tables.views)) {
      if (name.startsWith('BatchWrite')) return add('timeline', CapacityUnits);
      const documents = Table?.CapacityUnits ?? CapacityUnits;
      add('documents', documents);
      return add('lists', CapacityUnits - documents);
    }
    if (name.startsWith('TransactWrite')) {
      add('head', HEAD_UNITS);
      return add('pages', CapacityUnits - HEAD_UNITS);
    }
    return add(name.startsWith('BatchWrite') ? 'index' : 'checkpoints', CapacityUnits);
  };
  dynamo.middlewareStack.add(
    (next, context) => async (call) => {
      const input = call.input as Record<string, unknown>;
      const name = (context as { commandName?: string }).commandName ?? '';
      input['ReturnConsumedCapacity'] = 'INDEXES';
      const result = await next(call);
      const output = result.output as Output;
      counted.calls += 1;
      const capacities = [output.ConsumedCapacity ?? []].flat();
      if (WRITE.test(name)) {
        for (const capacity of capacities) write(name, capacity);
      } else {
        for (const { CapacityUnits = 0 } of capacities) counted.reads += CapacityUnits;
        counted.items += output.Items?.length ?? (output.Item ? 1 : 0);
        for (const items of Object.values(output.Responses ?? {})) counted.items += items.length;
      }
      return result;
    },
    { step: 'initialize', name: 'countCapacity' },
  );
  return {
    take() {
      const taken = counted;
      counted = nothing();
      return taken;
    },
  };
}
