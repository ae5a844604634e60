// Forms carry a token that only a page of this session can know. It is masked differently on each page, so that nothing can be learned of it
// from the length of compressed pages. Beside it, a request that a browser says comes from another site is refused.
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { DaochaError } from '../../events/errors.ts';

/** A form that this console did not make, or one from before the present sign-in. */
export class ForeignForm extends DaochaError {
  constructor() {
    super('foreign-form', 403, 'the form was not made for this session', {
      field: 'csrf',
      expected: 'load the page again and send it from there',
    });
  }
}

/** The token for one page. @param secret the session's, base64url */
export function csrfToken(secret: string): string {
  const bytes = Buffer.from(secret, 'base64url');
  const mask = randomBytes(bytes.length);
  return Buffer.concat([mask, xor(bytes, mask)]).toString('base64url');
}

export function isCsrf(secret: string, token: string | undefined): boolean {
  const bytes = Buffer.from(secret, 'base64url');
  const sent = Buffer.from(token ?? '', 'base64url');
  const [mask, masked] = [sent.subarray(0, bytes.length), sent.subarray(bytes.length)];
  return masked.length === bytes.length && timingSafeEqual(xor(masked, mask), bytes);
}

/** @throws ForeignForm */
export function checkCsrf(secret: string, token: string | undefined): void {
  if (!isCsrf(secret, token)) throw new ForeignForm();
}

/** Whether the browser says that a page of this site sent it; a browser that says nothing does not. @param origin as for checkOrigin */
export const saysOwn = (headers: Headers, origin: string): boolean => headers.get('origin') === origin;

/**
 * Refuses what a browser says was sent by another site. Old browsers say nothing; the token is asked of them as of all.
 * @param origin of the console, e.g. `https://town.example`
 * @throws ForeignForm
 */
export function checkOrigin(headers: Headers, origin: string): void {
  const from = headers.get('origin');
  const site = headers.get('sec-fetch-site');
  if (from !== null && from !== origin) throw new ForeignForm();
  if (site !== null && site !== 'same-origin' && site !== 'none') throw new ForeignForm();
}

function xor(a: Buffer, b: Buffer): Buffer {
  return Buffer.from(a.map((byte, at) => byte ^ b[at]!));
}
