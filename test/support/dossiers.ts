// Dossiers kept in memory, and the reaction to events, for a town in memory.
import { DossierMissing, sha256Of, type DossierStore } from '../../functions/runtime/dossier-store.ts';
import { makeReact, type ReactDeps } from '../../functions/react/react.ts';
import type { StreamHandler } from '../../functions/runtime/follower.ts';

export interface MemoryDossiers extends DossierStore {
  files: Map<string, Uint8Array>;
}

export function memoryDossiers(): MemoryDossiers {
  const files = new Map<string, Uint8Array>();
  return {
    files,
    put: (bytes) => {
      files.set(sha256Of(bytes), bytes);
      return Promise.resolve(sha256Of(bytes));
    },
    get: (sha256) => {
      const bytes = files.get(sha256);
      return bytes ? Promise.resolve(bytes) : Promise.reject(new DossierMissing(sha256, 'memory'));
    },
  };
}

/** The reaction; what it would log as refused fails the test. */
export function strictReact(deps: Pick<ReactDeps, 'views' | 'store' | 'dossiers'> & Partial<ReactDeps>): StreamHandler {
  const error = (message: string, facts: object): never => {
    throw new Error(`${message}: ${JSON.stringify(facts)}`);
  };
  return makeReact({ logger: { info: () => {}, error }, metrics: { addMetric: () => {} }, ...deps });
}
