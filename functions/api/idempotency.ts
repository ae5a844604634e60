// The same request sent twice is one command. The key is the caller's own (`Idempotency-Key`) and counts per person: two people who
// happen to choose the same one do not meet. Where none was sent one is made and told, so that the caller can repeat with it.
import { hash, randomUUID } from 'node:crypto';
import canonicalize from 'canonicalize';
import { InvalidInput } from '../../events/errors.ts';

const VISIBLE = /^[\x21-\x7e]{1,128}$/;

/** @throws InvalidInput naming the header */
export function idempotencyKey(header: string | undefined): string {
  if (header === undefined) return randomUUID();
  if (VISIBLE.test(header)) return header;
  throw new InvalidInput('Idempotency-Key: must be 1 to 128 visible ASCII characters', {
    field: 'Idempotency-Key',
    expected: '1 to 128 visible ASCII characters without blanks, e.g. a UUID',
  });
}

/** 22 characters: 132 bits of SHA-256 over person and key. */
export function commandId(person: string, key: string): string {
  return hash('sha256', `${person}\0${key}`, 'base64url').slice(0, 22);
}

/** 16 characters: 96 bits of SHA-256 over what was asked of which route; the order of fields and blanks do not matter. */
export function fingerprint(route: string, body: unknown): string {
  return hash('sha256', `${route}\n${canonicalize(body) ?? ''}`, 'base64url').slice(0, 16);
}
