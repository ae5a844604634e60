// The key by which a function signs for the commits that it appends (shared/record/store/acceptance.ts): a secret `writers/<function>` on
// AWS, one line as `daocha audit key` writes it; on one machine made from the platform's own key. Until the secret is there commits go
// unsigned, and the log says so: recording a hazard is worth more than the proof of which function did it.
import { createHash } from 'node:crypto';
import { localKey } from '../../shared/record/tlog/ed25519.ts';
import { noteSigner, type NoteSigner } from '../../shared/record/tlog/note.ts';
import { parsePrivateKey } from '../../shared/record/tlog/private-key.ts';
import { ED25519, formatVkey, vkeyOf } from '../../shared/record/tlog/vkey.ts';
import type { Environment } from './environment.ts';
import { makeSecrets, SecretMissing } from './secrets.ts';
import { WRITER_SECRETS } from './variables.ts';

/** How long a key that is not there is not asked for again. */
const MISSING_MS = 5 * 60_000;

/** What a writer's key is called in signatures and declarations. */
export const writerName = (tenant: string, component: string): string => `daocha-writer/${tenant}/${component}`;

/** The keys of one machine, from one secret: each function has its own. */
export function seededWriter(seed: string, tenant: string, component: string): NoteSigner & { vkey: string } {
  const name = writerName(tenant, component);
  const key = localKey(createHash('sha256').update(`${seed}\0${name}`).digest());
  return { ...noteSigner(name, key), vkey: formatVkey(vkeyOf(name, ED25519, key.publicKey)) };
}

/**
 * The signer of a function's commits.
 * @param component the function's name
 * @returns what `StoreDeps` has as `writer`
 */
export function openWriter(
  component: string,
  { tenant, secrets, writerSeed }: Pick<Environment, 'tenant' | 'secrets' | 'writerSeed'>,
  { logger, now }: { logger: { warn: (message: string, facts: Record<string, unknown>) => void }; now: () => Date },
): () => Promise<NoteSigner | undefined> {
  if (writerSeed !== undefined) {
    const writer = Promise.resolve(seededWriter(writerSeed, tenant, component));
    return () => writer;
  }
  const kept = makeSecrets(secrets, { now });
  const secret = `${WRITER_SECRETS}/${component}`;
  let signer: Promise<NoteSigner> | undefined;
  let missingSince: number | undefined;
  const read = async (): Promise<NoteSigner> => {
    const { name, key } = parsePrivateKey((await kept.readSecret(secret)).trimEnd());
    const own = writerName(tenant, component);
    if (name !== own) throw new Error(`it is the key of ${name}; expected that of ${own}`);
    return noteSigner(name, key);
  };
  return async () => {
    if (missingSince !== undefined && now().getTime() - missingSince < MISSING_MS) return undefined;
    signer ??= read();
    try {
      return await signer;
    } catch (error) {
      signer = undefined;
      missingSince = now().getTime();
      const why = error instanceof SecretMissing ? 'there is no such secret' : (error as Error).message;
      logger.warn('commits are not signed for', { secret, why });
      return undefined;
    }
  };
}
