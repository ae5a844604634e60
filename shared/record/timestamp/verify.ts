// Time-stamp answers (RFC 3161 §2.4.2): read, and verified offline, as `openssl ts -verify` does: that it was granted, that
// it is over these bytes (and answers this request), that the certificate it was signed with is one for time-stamping and the
// one that the signature commits to (RFC 5816), and, given the authority's CA, that the chain ends there.
import * as asn1js from 'asn1js';
import { Certificate, ContentInfo, ExtKeyUsage, SignedData, TimeStampResp, TSTInfo, type SignerInfo } from 'pkijs';
import { createHash, X509Certificate } from 'node:crypto';
import { equal } from '../tlog/bytes.ts';
import { TimeStampRejected } from './errors.ts';
import { buffer, checkWhole, hexOf, parseTimeStampRequest, SHA256 } from './request.ts';

export interface VerifiedTimeStamp {
  /** when the authority says that the bytes existed */
  time: Date;
  /** subject of the certificate that signed, as one line */
  authority: string;
  /** hex */
  serial: string;
  /** object identifier of the policy under which it was made */
  policy: string;
  /** whether the chain was verified up to a CA that the caller named */
  trusted: boolean;
}

export interface TimeStampCheck {
  /** the answer, DER */
  tsr: Uint8Array;
  /** the bytes that it must be over */
  data: Uint8Array;
  /** the request, DER: the answer must be to this one */
  tsq?: Uint8Array | undefined;
  /** certificates of CAs, PEM, one or more; without them the signer vouches for itself only */
  ca?: string | undefined;
}

const TST_INFO = '1.2.840.113549.1.9.16.1.4';
const CONTENT_TYPE = '1.2.840.113549.1.9.3';
const SIGNING_CERTIFICATE = '1.2.840.113549.1.9.16.2.12';
const SIGNING_CERTIFICATE_V2 = '1.2.840.113549.1.9.16.2.47';
const EXTENDED_KEY_USAGE = '2.5.29.37';
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';
const DIGESTS: Record<string, string> = {
  '1.3.14.3.2.26': 'sha1',
  [SHA256]: 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};
const GRANTED = new Set([0, 1]);
const STATUS = ['granted', 'granted with modifications', 'rejected', 'waiting', 'revocation warning', 'revoked'];

/** @throws TimeStampRejected, its reason telling what is wrong; `untrusted` also for a CA file without a readable certificate */
export async function verifyTimeStamp(check: TimeStampCheck): Promise<VerifiedTimeStamp> {
  try {
    return await verifyParts(check);
  } catch (error) {
    if (error instanceof TimeStampRejected) throw error;
    // the libraries say in many ways that they cannot read something
    throw new TimeStampRejected('malformed', `the time stamp cannot be read: ${text(error)}`, error);
  }
}

async function verifyParts({ tsr, data, tsq, ca }: TimeStampCheck): Promise<VerifiedTimeStamp> {
  const signed = signedDataOf(tsr);
  const info = infoOf(signed);
  checkImprint(info, data);
  if (tsq) checkRequest(info, tsq);
  const signer = signerOf(signed);
  const certificate = await checkSigner(signed, signer, data);
  checkPurpose(certificate);
  checkCommitment(signer, certificate);
  if (ca !== undefined) await checkChain(signed, caCertificates(ca), data);
  return {
    time: info.genTime,
    authority: subjectOf(certificate),
    serial: hexOf(info.serialNumber),
    policy: info.policy,
    trusted: ca !== undefined,
  };
}

function signedDataOf(tsr: Uint8Array): SignedData {
  let response: TimeStampResp;
  try {
    checkWhole(tsr);
    response = TimeStampResp.fromBER(buffer(tsr));
  } catch (error) {
    throw new TimeStampRejected('malformed', `not an answer of a time-stamping authority: ${text(error)}`, error);
  }
  const { status, statusStrings } = response.status;
  if (!GRANTED.has(status)) {
    const why = (statusStrings ?? []).map(({ valueBlock }) => valueBlock.value).join('; ');
    throw new TimeStampRejected(
      'not-granted',
      `the authority answered “${STATUS[status] ?? status}”${why ? `: ${why}` : ''}`,
    );
  }
  try {
    const token = response.timeStampToken;
    if (token?.contentType !== ContentInfo.SIGNED_DATA) throw new Error('there is no signed token in it');
    return new SignedData({ schema: token.content as asn1js.AsnType });
  } catch (error) {
    throw new TimeStampRejected('malformed', `the time-stamp token cannot be read: ${text(error)}`, error);
  }
}

function infoOf(signed: SignedData): TSTInfo {
  const { eContentType, eContent } = signed.encapContentInfo;
  try {
    if (eContentType !== TST_INFO || !eContent) throw new Error(`its content is ${eContentType}, not a time stamp`);
    const der = new Uint8Array(eContent.getValue());
    checkWhole(der);
    return TSTInfo.fromBER(buffer(der));
  } catch (error) {
    throw new TimeStampRejected('malformed', `the time-stamp token cannot be read: ${text(error)}`, error);
  }
}

function checkImprint(info: TSTInfo, data: Uint8Array): void {
  const { hashAlgorithm, hashedMessage } = info.messageImprint;
  const algorithm = DIGESTS[hashAlgorithm.algorithmId];
  if (!algorithm || algorithm === 'sha1') {
    throw new TimeStampRejected('unsupported', `it is over a hash of kind ${hashAlgorithm.algorithmId}`);
  }
  const digest = createHash(algorithm).update(data).digest();
  if (!equal(digest, hashedMessage.valueBlock.valueHexView)) {
    const stamped = Buffer.from(hashedMessage.valueBlock.valueHexView).toString('hex');
    throw new TimeStampRejected('other-data', `it is over ${algorithm} ${stamped}, not ${digest.toString('hex')}`);
  }
}

function checkRequest(info: TSTInfo, tsq: Uint8Array): void {
  const request = parseTimeStampRequest(tsq);
  const { hashAlgorithm, hashedMessage } = info.messageImprint;
  if (request.hashAlgorithm !== hashAlgorithm.algorithmId) {
    throw new TimeStampRejected('other-request', 'the request asked for another kind of hash');
  }
  if (!equal(request.digest, hashedMessage.valueBlock.valueHexView)) {
    throw new TimeStampRejected('other-request', 'the request was for something else');
  }
  if (request.nonce !== undefined && request.nonce !== (info.nonce && hexOf(info.nonce))) {
    throw new TimeStampRejected('other-request', 'it does not repeat the nonce of the request');
  }
}

function signerOf(signed: SignedData): SignerInfo {
  const [signer, ...more] = signed.signerInfos;
  if (!signer || more.length > 0) {
    throw new TimeStampRejected(
      'malformed',
      `a time stamp has one signature, this one has ${signed.signerInfos.length}`,
    );
  }
  return signer;
}

/** The signature itself, and that what is signed is a time stamp; its certificate. */
async function checkSigner(signed: SignedData, signer: SignerInfo, data: Uint8Array): Promise<Certificate> {
  const typed = signer.signedAttrs?.attributes.find(({ type }) => type === CONTENT_TYPE)?.values[0];
  if (!(typed instanceof asn1js.ObjectIdentifier) || typed.getValue() !== TST_INFO) {
    throw new TimeStampRejected('bad-signature', 'what is signed is not a time stamp');
  }
  if (!signed.certificates?.some((one) => one instanceof Certificate)) {
    throw new TimeStampRejected('malformed', 'it lacks the certificate of the authority');
  }
  if (!DIGESTS[signer.digestAlgorithm.algorithmId]) {
    throw new TimeStampRejected(
      'unsupported',
      `it is signed over a hash of kind ${signer.digestAlgorithm.algorithmId}`,
    );
  }
  const verdict = await verified(signed, { data, checkChain: false });
  if (!verdict.signatureVerified || !verdict.signerCertificate) {
    throw new TimeStampRejected('bad-signature', 'its signature does not match its certificate');
  }
  return verdict.signerCertificate;
}

/** RFC 3161 §2.3: extended key usage, critical, time-stamping and nothing else. */
function checkPurpose(certificate: Certificate): void {
  const extension = certificate.extensions?.find(({ extnID }) => extnID === EXTENDED_KEY_USAGE);
  const purposes = extension?.parsedValue instanceof ExtKeyUsage ? extension.parsedValue.keyPurposes : [];
  if (extension?.critical === true && purposes.length === 1 && purposes[0] === TIME_STAMPING) return;
  throw new TimeStampRejected(
    'wrong-purpose',
    `the certificate of ${subjectOf(certificate)} is not one for time-stamping`,
  );
}

/** RFC 3161 §2.4.2, RFC 5816: the signature names its certificate by hash, so that no other can be put in its place. */
function checkCommitment(signer: SignerInfo, certificate: Certificate): void {
  const der = new Uint8Array(certificate.toSchema().toBER());
  const attributes = signer.signedAttrs?.attributes ?? [];
  for (const { type, values } of attributes) {
    if (type !== SIGNING_CERTIFICATE && type !== SIGNING_CERTIFICATE_V2) continue;
    const first = sequence(sequence(sequence(values[0])[0])[0]); // the certs of it, the first of them, its fields
    const named = type === SIGNING_CERTIFICATE_V2 ? SHA256 : '1.3.14.3.2.26';
    const algorithm = first[0] instanceof asn1js.Sequence ? oidOf(sequence(first[0])[0]) : named;
    const hash = first.find((field) => field instanceof asn1js.OctetString);
    const digest = DIGESTS[algorithm];
    if (hash && digest && equal(createHash(digest).update(der).digest(), hash.valueBlock.valueHexView)) return;
    throw new TimeStampRejected('bad-signature', 'it was signed with another certificate than the one beside it');
  }
  throw new TimeStampRejected('malformed', 'its signature names no certificate');
}

const sequence = (value: unknown): asn1js.AsnType[] => (value instanceof asn1js.Sequence ? value.valueBlock.value : []);
const oidOf = (value: unknown): string => (value instanceof asn1js.ObjectIdentifier ? value.getValue() : '');

async function checkChain(signed: SignedData, trustedCerts: Certificate[], data: Uint8Array): Promise<void> {
  await verified(signed, { data, checkChain: true, trustedCerts });
}

/** As of the time stamped: a certificate may have expired since. */
async function verified(
  signed: SignedData,
  { data, ...how }: { data: Uint8Array; checkChain: boolean; trustedCerts?: Certificate[] },
): Promise<{ signatureVerified?: boolean | null; signerCertificate?: Certificate | null }> {
  try {
    return await signed.verify({
      signer: 0,
      data: buffer(data),
      extendedMode: true,
      passedWhenNotRevValues: true,
      ...how,
    });
  } catch (error) {
    const said = text(error);
    if (how.checkChain) {
      throw new TimeStampRejected('untrusted', `its certificate does not come from the CA given: ${said}`, error);
    }
    const unsupported = /unsupported|unknown|not supported|getAlgorithmByOID/iu.test(said);
    throw new TimeStampRejected(
      unsupported ? 'unsupported' : 'bad-signature',
      `its signature cannot be verified: ${said}`,
      error,
    );
  }
}

/** The certificates in a text, PEM. @throws TimeStampRejected `untrusted` when it has none, or one that cannot be read */
export function caCertificates(ca: string): Certificate[] {
  const blocks = ca.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/gu) ?? [];
  if (blocks.length === 0)
    throw new TimeStampRejected('untrusted', 'there is no certificate (PEM) in the file of the CA');
  return blocks.map((pem) => {
    try {
      return Certificate.fromBER(buffer(new X509Certificate(pem).raw));
    } catch (error) {
      throw new TimeStampRejected(
        'untrusted',
        `a certificate in the file of the CA cannot be read: ${text(error)}`,
        error,
      );
    }
  });
}

/** `C=CN, O=…, CN=…` */
const subjectOf = (certificate: Certificate): string =>
  new X509Certificate(new Uint8Array(certificate.toSchema().toBER())).subject.split('\n').join(', ');

const text = (error: unknown): string => (error instanceof Error ? error.message : String(error));
