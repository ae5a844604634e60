// What may be evidence (证据): photos and papers of few kinds and of limited size, named by the SHA-256 of their bytes. And the tickets by
// which one file may be put on one machine, where there is no S3 to sign for: the address itself says what is allowed, signed.
import { createHmac, timingSafeEqual } from 'node:crypto';

/** The media types that are taken, and how each begins: a file is what its bytes say, not what its sender calls it. */
export const EVIDENCE_TYPES = {
  'image/jpeg': { extension: 'jpg', begins: '\xff\xd8\xff' },
  'image/png': { extension: 'png', begins: '\x89PNG\r\n' },
  'image/webp': { extension: 'webp', begins: 'RIFF' },
  'application/pdf': { extension: 'pdf', begins: '%PDF-' },
} as const;
export type EvidenceType = keyof typeof EVIDENCE_TYPES;
export const EVIDENCE_TYPE_NAMES = Object.keys(EVIDENCE_TYPES) as EvidenceType[];

/** Bytes of a file at most: it is handed out by a function, whose answer may have 6 MB as base64. */
export const EVIDENCE_LIMIT = 4_000_000;
/** Seconds that an address to upload to is good for. */
export const UPLOAD_WITHIN = 900;

export const isEvidenceType = (type: string): type is EvidenceType => Object.hasOwn(EVIDENCE_TYPES, type);

/** Whether the bytes begin as files of this type do. */
export function looksLike(type: EvidenceType, bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.subarray(0, 16)).toString('latin1');
  return head.startsWith(EVIDENCE_TYPES[type].begins);
}

/** Where the platform of one machine takes files, below its own address. */
export const LOCAL_UPLOADS = '/dev/evidence/';

export interface Announced {
  /** 64 hex digits */
  sha256: string;
  mediaType: EvidenceType;
  /** bytes */
  size: number;
}

/** A path of the local platform that takes exactly this file until `expires` (milliseconds since 1970). */
export function ticketFor(secret: string, tenant: string, file: Announced, expires: number): string {
  const query = new URLSearchParams({
    type: file.mediaType,
    size: String(file.size),
    expires: String(expires),
    signature: signature(secret, tenant, file, expires),
  });
  return `${LOCAL_UPLOADS}${tenant}/${file.sha256}?${query.toString()}`;
}

/** What a path allows to put: the town and the file; undefined when it was not signed so, or its time is over. */
export function readTicket(
  secret: string,
  path: string,
  query: URLSearchParams,
  now: number,
): { tenant: string; file: Announced } | undefined {
  const [, tenant, sha256] = /^([A-Za-z0-9][A-Za-z0-9_.:-]{0,63})\/([0-9a-f]{64})$/.exec(path) ?? [];
  const [type, size, expires] = [query.get('type') ?? '', Number(query.get('size')), Number(query.get('expires'))];
  if (!tenant || !sha256 || !isEvidenceType(type) || !Number.isSafeInteger(size) || !(expires > now)) return undefined;
  const file = { sha256, mediaType: type, size };
  const sent = Buffer.from(query.get('signature') ?? '');
  const right = Buffer.from(signature(secret, tenant, file, expires));
  return sent.length === right.length && timingSafeEqual(sent, right) ? { tenant, file } : undefined;
}

function signature(secret: string, tenant: string, { sha256, mediaType, size }: Announced, expires: number): string {
  return createHmac('sha256', secret)
    .update(['evidence', tenant, sha256, mediaType, size, expires].join('\0'))
    .digest('base64url');
}

/** A name to save it under that says nothing but what it is. */
export const evidenceName = (sha256: string, type: string): string =>
  `${sha256.slice(0, 16)}.${isEvidenceType(type) ? EVIDENCE_TYPES[type].extension : 'bin'}`;
