// The leaf hash of the transparency log (RFC 6962 §2.1): SHA-256(0x00 ‖ entry), where the entry is the event's stored
// bytes, never re-made. The 0x00 keeps a leaf from ever passing for an inner node (0x01).
import { createHash } from 'node:crypto';

export const LEAF_BYTES = 32;
const LEAF_PREFIX = Uint8Array.of(0);

/** 32 bytes */
export function eventLeaf(entry: Uint8Array): Uint8Array {
  return createHash('sha256').update(LEAF_PREFIX).update(entry).digest();
}
