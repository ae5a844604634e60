// The witnesses of a log as they are configured: one a line, its verifier key and, when it takes requests (C2SP
// tlog-witness), the address of its submission prefix. `witness.example/d+0a1b2c3d+BA… https://witness.example/`
import { InvalidInput } from '../../../events/errors.ts';
import { isSafeUrl } from '../http-exchange.ts';
import { COSIGNATURE_V1, parseVkey, samePublicKey } from '../tlog/vkey.ts';
import type { Witness } from './client.ts';

const EXPECTED =
  'a line for each witness: its key (name+hash+key, of type cosignature/v1), and perhaps an https address';

/**
 * @param text lines; `;` ends a line too
 * @throws InvalidInput naming the line and what would be right
 */
export function parseWitnesses(text: string): Witness[] {
  const witnesses: Witness[] = [];
  const lines = text.split(/[\n;]/u).map((line) => line.trim());
  for (const [n, line] of lines.entries()) {
    if (line === '' || line.startsWith('#')) continue;
    const wrong = (why: string): InvalidInput =>
      new InvalidInput(`witnesses: line ${n + 1}: ${why}`, { field: 'witnesses', expected: EXPECTED });
    const [key = '', url, ...more] = line.split(/\s+/u);
    if (more.length > 0) throw wrong('more than a key and an address');
    const vkey = keyOf(key, wrong);
    if (url !== undefined && !isSafeUrl(url)) throw wrong(`${url} is no https address (http only on this machine)`);
    if (witnesses.some((other) => samePublicKey(other.vkey, vkey)))
      throw wrong(`the key of ${vkey.name} is there twice`);
    witnesses.push({ vkey, ...(url === undefined ? {} : { url }) });
  }
  return witnesses;
}

function keyOf(text: string, wrong: (why: string) => InvalidInput): Witness['vkey'] {
  let vkey;
  try {
    vkey = parseVkey(text);
  } catch (error) {
    throw wrong((error as Error).message);
  }
  if (vkey.type !== COSIGNATURE_V1) throw wrong(`${text} is the key of a log, not of a witness (of type 0x04)`);
  return vkey;
}
