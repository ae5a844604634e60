// Progress of each witness, of the time-stamping authority and of the write-once storage: how far they have come, and
// if they fail, since when and why. So that a failure is known by its age, and shown to whoever asks.
import { PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { attestPartition, type LogDeps } from '../log/deps.ts';

export interface AttestorProgress {
  /** of the last checkpoint that went well; 0 before the first */
  size: number;
  /** when that was (ISO) */
  at?: string | undefined;
  /** failing since (ISO) */
  since?: string | undefined;
  /** type of the last failure's error, e.g. `not-answered`, `witness-inconsistent` */
  problem?: string | undefined;
  /** sizes above `size` that went well too: checkpoints do not always come in order */
  also?: number[] | undefined;
}

export type Attestor = 'archive' | 'timestamp' | `witness#${string}`;

/** All of them. */
export async function standings(deps: LogDeps): Promise<Map<Attestor, AttestorProgress>> {
  const { Items = [] } = await deps.dynamo.send(
    new QueryCommand({
      TableName: deps.log,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: attestPartition(deps.tenant) } },
      ConsistentRead: true,
      Limit: 100,
    }),
  );
  return new Map(
    Items.map((item) => [
      item['sk']!.S as Attestor,
      {
        size: Number(item['size']!.N),
        at: item['at']?.S,
        since: item['since']?.S,
        problem: item['problem']?.S,
        also: item['also']?.L?.map(({ N }) => Number(N)),
      },
    ]),
  );
}

/** Two runs at once may write in either order: what is kept here only saves work, or is written again by the next run. */
export async function putStanding(deps: LogDeps, attestor: Attestor, standing: AttestorProgress): Promise<void> {
  const { size, at, since, problem, also } = standing;
  await deps.dynamo.send(
    new PutItemCommand({
      TableName: deps.log,
      Item: {
        pk: { S: attestPartition(deps.tenant) },
        sk: { S: attestor },
        size: { N: String(size) },
        ...(at === undefined ? {} : { at: { S: at } }),
        ...(since === undefined ? {} : { since: { S: since } }),
        ...(problem === undefined ? {} : { problem: { S: problem } }),
        ...(also?.length ? { also: { L: also.map((one) => ({ N: String(one) })) } } : {}),
      },
    }),
  );
}

/** The same after a failure: since when does not move. */
export const failed = (before: AttestorProgress | undefined, now: Date, problem: string): AttestorProgress => ({
  size: before?.size ?? 0,
  at: before?.at,
  also: before?.also,
  since: before?.since ?? now.toISOString(),
  problem,
});

/** Seconds that something has failed for; 0 when it does not. */
export const failingSeconds = (standing: AttestorProgress | undefined, now: Date): number =>
  standing?.since === undefined ? 0 : Math.max(0, Math.round((now.getTime() - Date.parse(standing.since)) / 1000));
