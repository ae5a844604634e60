// `daocha audit key`: a private key for a log whose key is no key of KMS. It is written where nobody else can read it; only
// the public half is shown.
import { writeFileSync } from 'node:fs';
import { InvalidInput } from '../../events/errors.ts';
import { newPrivateKey, parsePrivateKey } from '../../shared/record/tlog/private-key.ts';
import { ED25519, formatVkey, isKeyName, vkeyOf } from '../../shared/record/tlog/vkey.ts';

/**
 * Writes a new private key, mode 0600, and returns the verifier key.
 * @throws InvalidInput for a bad name, or a file that is there already
 */
export function makeKey(name: string | undefined, out: string | undefined): string {
  if (name === undefined || !isKeyName(name)) {
    throw new InvalidInput(`--name: ${name ?? 'missing'}`, {
      field: 'name',
      expected: "the log's origin, without spaces and +",
    });
  }
  if (out === undefined)
    throw new InvalidInput('--out is missing', { field: 'out', expected: 'a file for the private key' });
  const line = newPrivateKey(name);
  try {
    writeFileSync(out, `${line}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new InvalidInput(`${out} is there already`, {
      field: 'out',
      expected: 'a file that is not; no key is written over',
    });
  }
  return formatVkey(vkeyOf(name, ED25519, parsePrivateKey(line).key.publicKey));
}
