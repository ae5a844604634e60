// Bytes as text and back, strictly: what is not the one canonical spelling is refused. Nothing here is Node's own, so
// that a browser can run the same verifier.

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export const utf8 = (text: string): Uint8Array => encoder.encode(text);

/** Undefined when the bytes are not valid UTF-8. */
export function fromUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

export function concat(...parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** A copy of its own memory (`slice` of a Node Buffer would share it). */
export const copyOf = (bytes: Uint8Array, from = 0, to = bytes.length): Uint8Array =>
  new Uint8Array(bytes.subarray(from, to));

export const equal = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, at) => byte === b[at]);

/** Half a character; `isWellFormed` is newer than the oldest browsers that verify. */
const LONE = /\p{Surrogate}/u;

/** Without lone surrogates, and without ASCII control characters but those in `allowed`. */
export function isCleanText(text: string, allowed = ''): boolean {
  if (LONE.test(text)) return false;
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) < 0x20 && !allowed.includes(text[at]!)) return false;
  return true;
}

/** Standard base64 with padding (RFC 4648 §4). */
export function base64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCodePoint(byte);
  return btoa(binary);
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/u;

/** Undefined unless it is canonical: padded, no whitespace, no stray bits at the end. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0 || !BASE64.test(text)) return undefined;
  const bytes = Uint8Array.from(atob(text), (character) => character.codePointAt(0)!);
  return base64(bytes) === text ? bytes : undefined;
}

/** The decimal spelling of a whole number without sign or leading zeroes; undefined for others and beyond 2⁵³ − 1. */
export function fromDecimal(text: string): number | undefined {
  if (!/^(?:0|[1-9][0-9]{0,15})$/u.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}
