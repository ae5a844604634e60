// Where `daocha audit check` keeps how far it has come: a small file in the data directory, gone when the check is finished.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CheckState } from '../../shared/record/audit/check.ts';
import { dataDirectory } from './data-directory.ts';

export interface KeptState {
  load: () => CheckState | undefined;
  save: (state: CheckState) => void;
  clear: () => void;
}

export function checkState(data: string | undefined, tenant: string, restart: boolean): KeptState {
  const directory = dataDirectory(data);
  const file = join(directory, `audit-check-${tenant}.json`);
  return {
    load() {
      if (restart) return undefined;
      try {
        return JSON.parse(readFileSync(file, 'utf8')) as CheckState;
      } catch {
        return undefined;
      }
    },
    save(state) {
      mkdirSync(directory, { recursive: true });
      writeFileSync(`${file}.part`, JSON.stringify(state));
      renameSync(`${file}.part`, file);
    },
    clear: () => rmSync(file, { force: true }),
  };
}
