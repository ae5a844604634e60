import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { eventLeaf } from '../../../shared/record/log/leaf.ts';

const hex = (text: string) => Buffer.from(eventLeaf(Buffer.from(text))).toString('hex');

test('leaf hashes are those of RFC 6962: SHA-256 over 0x00 and the entry', () => {
  // the empty leaf, from the test vectors of Certificate Transparency
  expect(hex('')).toBe('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d');
  expect(hex('隐患')).toBe(createHash('sha256').update('\0隐患').digest('hex'));
});
