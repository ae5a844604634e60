// Time-stamp requests (RFC 3161 §2.4.1): the SHA-256 of what is to be stamped, a nonce, and the wish to have the
// authority's certificate in the answer, without which nobody could verify it offline.
import * as asn1js from 'asn1js';
import { AlgorithmIdentifier, MessageImprint, TimeStampReq } from 'pkijs';
import { sha256 } from '../tlog/hash.ts';
import { TimeStampRejected } from './errors.ts';

export const SHA256 = '2.16.840.1.101.3.4.2.1';
export const NONCE_BYTES = 8;

/**
 * The request in DER, as `openssl ts -query` writes it and `openssl ts -verify -queryfile` takes it.
 * @param nonce random bytes; the answer must repeat them, so that an old answer is not taken for a new one
 */
export function timeStampRequest(data: Uint8Array, nonce: Uint8Array): Uint8Array {
  const request = new TimeStampReq({
    version: 1,
    messageImprint: new MessageImprint({
      hashAlgorithm: new AlgorithmIdentifier({ algorithmId: SHA256, algorithmParams: new asn1js.Null() }),
      hashedMessage: new asn1js.OctetString({ valueHex: buffer(sha256(data)) }),
    }),
    nonce: new asn1js.Integer({ valueHex: buffer(positive(nonce)) }),
    certReq: true,
  });
  return new Uint8Array(request.toSchema().toBER());
}

/** As DER wants a positive number: not beginning with a sign bit, nor with zeroes. */
function positive(nonce: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(nonce);
  bytes[0] = (bytes[0]! & 0x3f) | 0x40;
  return bytes;
}

export interface StampedRequest {
  hashAlgorithm: string;
  digest: Uint8Array;
  /** hex; undefined when it has none */
  nonce: string | undefined;
}

/** @throws TimeStampRejected `malformed` */
export function parseTimeStampRequest(der: Uint8Array): StampedRequest {
  let request: TimeStampReq;
  try {
    checkWhole(der);
    request = TimeStampReq.fromBER(buffer(der));
  } catch (error) {
    throw new TimeStampRejected('malformed', `not a time-stamp request: ${(error as Error).message}`, error);
  }
  const { hashAlgorithm, hashedMessage } = request.messageImprint;
  return {
    hashAlgorithm: hashAlgorithm.algorithmId,
    digest: new Uint8Array(hashedMessage.valueBlock.valueHexView),
    nonce: request.nonce && hexOf(request.nonce),
  };
}

/** One DER value and nothing behind it. */
export function checkWhole(der: Uint8Array): void {
  const { offset, result } = asn1js.fromBER(buffer(der));
  if (offset === -1) throw new Error(result.error || 'it is cut off');
  if (offset !== der.length) throw new Error(`${der.length - offset} bytes are left over behind it`);
}

export const hexOf = (integer: asn1js.Integer): string =>
  Buffer.from(integer.valueBlock.valueHexView)
    .toString('hex')
    .replace(/^(?:00)+(?=..)/u, '');

/** A copy in memory of its own, as the ASN.1 library wants it. */
export const buffer = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer;
