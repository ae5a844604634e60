// Who delivers: another system that signs what it sends (Standard Webhooks, https://www.standardwebhooks.com):
// HMAC-SHA-256 over id, time and body. The secret is under `district-webhooks/<organisation>`: `whsec_` and 24 to
// 64 bytes in base64; two of them, with a blank between, while it is being changed. A delivery holds for five minutes;
// its id is the idempotency key, so that one sent again does nothing again.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { DaochaError } from '../../events/errors.ts';
import { pastedAlong } from '../../shared/pasted.ts';
import type { Secrets } from '../runtime/secrets.ts';
import { WEBHOOK_SECRETS } from '../runtime/variables.ts';
import type { Principal } from './auth.ts';

/** The delivery cannot be trusted: 401, with what is wrong. */
export class DeliveryRefused extends DaochaError {
  constructor(
    type: 'webhook-unsigned' | 'webhook-stale' | 'webhook-signature',
    message: string,
    field: string,
    expected: string,
  ) {
    super(type, 401, message, { field, expected });
  }
}

export interface SignedDelivery {
  /** whose system it says it is */
  organisation: string;
  header: (name: string) => string | undefined;
  /** the body, exactly as it came */
  body: Uint8Array;
}

/** The system of the organisation, and the delivery's id. */
export type VerifyDelivery = (delivery: SignedDelivery) => Promise<{ principal: Principal; id: string }>;

const WINDOW_SECONDS = 300;
const ID = /^[\x21-\x7e]{1,128}$/;
const SECRET = /^whsec_([A-Za-z0-9+/]{32,88}={0,2})$/;

/**
 * @param now the time of the real world, by which a delivery grows old
 * @param report told when an organisation has no usable secret: whoever delivers learns no more than that the signature does not hold
 */
export function makeDeliveryVerifier({
  secrets,
  now,
  report,
}: {
  secrets: Pick<Secrets, 'listSecrets'>;
  now: () => Date;
  report: (message: string, facts: Record<string, unknown>) => void;
}): VerifyDelivery {
  return async ({ organisation, header, body }) => {
    const id = header('webhook-id');
    if (id === undefined || !ID.test(id)) {
      throw unsigned(
        'webhook-id',
        id,
        'the id of the delivery, the same when it is sent again: 1 to 128 visible ASCII characters',
      );
    }
    const timestamp = header('webhook-timestamp');
    if (timestamp === undefined || !/^\d{1,12}$/.test(timestamp)) {
      throw unsigned('webhook-timestamp', timestamp, 'the time of sending in seconds since 1970');
    }
    const signature = header('webhook-signature');
    if (signature === undefined) {
      throw unsigned('webhook-signature', signature, 'v1,<base64 of HMAC-SHA-256 over "<id>.<timestamp>.<body>">');
    }
    const seconds = Math.floor(now().getTime() / 1000);
    if (Math.abs(seconds - Number(timestamp)) > WINDOW_SECONDS) {
      throw new DeliveryRefused(
        'webhook-stale',
        `the delivery was signed at ${timestamp}, and it is ${seconds} now`,
        'webhook-timestamp',
        `at most ${WINDOW_SECONDS} s from now: sign it anew with the same webhook-id, and look at the clock`,
      );
    }
    const secret = (await secrets.listSecrets(WEBHOOK_SECRETS)).get(`${WEBHOOK_SECRETS}/${organisation}`);
    const keys = keysOf(secret);
    if (keys.length === 0) {
      const why = secret === undefined ? 'there is none' : webhookSecretFault(secret);
      report('a delivery came for an organisation without a usable webhook secret', { organisation, why });
    }
    const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
    if (!keys.some((key) => holds(signature, createHmac('sha256', key).update(signed).digest()))) {
      throw new DeliveryRefused(
        'webhook-signature',
        `no signature of the delivery holds for ${organisation}`,
        'webhook-signature',
        'v1,<base64 of HMAC-SHA-256 over "<webhook-id>.<webhook-timestamp>.<body>"> with the secret of the organisation',
      );
    }
    const principal: Principal = {
      person: `system:${organisation}`,
      roles: ['district'],
      organisation,
      post: '区级系统',
    };
    return { principal, id };
  };
}

const unsigned = (name: string, value: string | undefined, expected: string): DeliveryRefused =>
  new DeliveryRefused(
    'webhook-unsigned',
    `the header ${name} is ${value === undefined ? 'missing' : 'not usable'}`,
    name,
    expected,
  );

/** The keys in a secret; none when it is missing or malformed. */
function keysOf(secret: string | undefined): Buffer[] {
  return (secret ?? '')
    .trim()
    .split(/\s+/)
    .flatMap((one) => {
      const key = Buffer.from(SECRET.exec(one)?.[1] ?? '', 'base64');
      return key.length >= 24 && key.length <= 64 ? [key] : [];
    });
}

/** What is wrong with a secret, without it; undefined when every key of it can be used. */
export function webhookSecretFault(secret: string): string | undefined {
  const all = secret.trim().split(/\s+/);
  const wrong = all.find((one) => keysOf(one).length === 0);
  if (wrong === undefined) return undefined;
  return `${pastedAlong(wrong) ?? 'is not right'}; must be whsec_ and 24 to 64 random bytes in base64, or two of them with a blank between`;
}

/** Whether one of the signatures in the header, divided by blanks, is the expected one. */
function holds(header: string, expected: Buffer): boolean {
  return header.split(' ').some((one) => {
    if (!one.startsWith('v1,')) return false;
    const given = Buffer.from(one.slice(3), 'base64');
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}
