// Waiting for what `?atLeast=` names, once it is known who may have the answer. Of a stream waits who may read it, or has written the very
// event: to anybody else it answers as for an event that is not there, so that nobody learns from it how far a foreign stream has come.
import { parseStreamKey } from '../../../events/envelope.ts';
import { readStream } from '../../../shared/rules/perform/execute.ts';
import { DaochaError } from '../../../events/errors.ts';
import { noSuchEvent, type AtLeast } from '../../../shared/reading/views/as-of.ts';
import type { ApiDeps, ApiCall } from '../handler-types.ts';
import { scopesOf } from '../permissions.ts';
import { parseToken, waitForViews } from '../waiting.ts';
import { authoriseStream, READ_AS } from './streams.ts';

/** @throws NotYetVisible 504; InvalidInput at once for what cannot come, and for what is not the caller's to wait for */
export async function waitAtLeast(deps: ApiDeps, call: ApiCall, atLeast: string | undefined): Promise<void> {
  if (atLeast === undefined) return;
  const wanted = parseToken(deps.tenant, atLeast);
  await requireOwn(deps, call, wanted);
  await waitForViews(deps, wanted);
}

async function requireOwn(deps: ApiDeps, call: ApiCall, wanted: AtLeast): Promise<void> {
  if (typeof wanted === 'number') return;
  const { stream, version } = wanted;
  const { category, id } = parseStreamKey(stream);
  // who reads all of the town reads every stream
  if (scopesOf(call.principal, READ_AS[category]).includes('town')) return;
  try {
    await authoriseStream(deps, call, category, id);
  } catch (error) {
    if (!(error instanceof DaochaError) || (error.status !== 403 && error.status !== 404)) throw error;
    // what somebody has just given away is still theirs to wait for
    const stored = await readStream(deps.store, deps.tenant, category, id);
    const { event } = stored.find((one) => one.event.version === version) ?? {};
    if (event?.actor.person !== call.principal.person) throw noSuchEvent(stream, version);
  }
}
