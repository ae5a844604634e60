// Go, where it is installed: it runs main.go, which judges our logs. Without it the tests are skipped with a notice, unless
// DAOCHA_INTEROP=required, as in CI.
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

/** Name or path of the program; undefined when it is not installed. */
export const go = ['go', '/usr/local/go/bin/go'].find((name) => spawnSync(name, ['version']).status === 0);
if (!go) {
  const notice = 'Go is not installed: our log is not checked against golang.org/x/mod/sumdb here.';
  if (process.env['DAOCHA_INTEROP'] === 'required') throw new Error(notice);
  console.log(notice);
}

/**
 * Runs the judge on a directory, or on a platform at `url` with the token; what it prints.
 * @throws with what it says when something does not hold
 */
export async function judge(dir: string, url?: string, token = ''): Promise<Record<string, unknown>> {
  const args = ['run', '.', dir, ...(url === undefined ? [] : [url])];
  const env = { ...process.env, DAOCHA_TOKEN: token };
  const { stdout } = await promisify(execFile)(go!, args, { cwd: import.meta.dirname, env });
  return JSON.parse(stdout) as Record<string, unknown>;
}
