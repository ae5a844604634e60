// The log's key in KMS: an asymmetric key of the kind Ed25519 that signs and never leaves. What KMS answers is verified
// before it is used: a checkpoint with a signature that nobody can verify would stop every auditor.
import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { pastedAlong } from '../../shared/pasted.ts';
import { publicKeyFromSpki, verifyEd25519, type Ed25519Key } from '../../shared/record/tlog/ed25519.ts';
import { LOG_KEY_ALGORITHM } from '../runtime/variables.ts';

/** KMS's name for keys of Ed25519. */
const KEY_SPEC = 'ECC_NIST_EDWARDS25519';

/** What a person must mend: trying again does not help. Everything else (throttling, an outage) may pass. */
const LASTING: Record<string, string> = {
  AccessDeniedException: 'this function may not use it; the key policy and the role must both allow it',
  DisabledException: 'it is disabled',
  InvalidArnException: 'it is not the ARN of a key',
  InvalidKeyUsageException: 'it is not a key for signing with Ed25519',
  KMSInvalidStateException: 'it cannot be used in its present state; is it to be deleted?',
  NotFoundException: 'there is no such key in this account and region',
  UnsupportedOperationException: 'it cannot sign',
};

/**
 * A key of KMS as the key that signs checkpoints.
 * @param arn of the key
 * @param unusable makes the error for what a person must mend; throttling and outages are thrown as the SDK throws them
 */
export async function kmsKey(
  arn: string,
  unusable: (why: string) => Error,
  kms: KMSClient = new KMSClient(),
): Promise<Ed25519Key> {
  const along = pastedAlong(arn);
  if (along !== undefined) throw unusable(`the ARN ${along}`);
  const asked = async <T>(call: Promise<T>): Promise<T> => {
    try {
      return await call;
    } catch (error) {
      const lasting = LASTING[(error as Error).name];
      throw lasting === undefined ? error : unusable(`${lasting} (${(error as Error).message})`);
    }
  };
  const described = await asked(kms.send(new GetPublicKeyCommand({ KeyId: arn })));
  if (described.KeySpec !== KEY_SPEC || described.KeyUsage !== 'SIGN_VERIFY') {
    throw unusable(
      `it is of kind ${described.KeySpec} for ${described.KeyUsage}; expected ${KEY_SPEC} for SIGN_VERIFY`,
    );
  }
  let publicKey: Uint8Array;
  try {
    publicKey = publicKeyFromSpki(described.PublicKey ?? new Uint8Array());
  } catch (error) {
    throw unusable(`KMS gave a public key that cannot be read: ${(error as Error).message}`);
  }
  return {
    publicKey,
    async sign(message) {
      const { Signature } = await asked(
        kms.send(
          new SignCommand({ KeyId: arn, Message: message, MessageType: 'RAW', SigningAlgorithm: LOG_KEY_ALGORITHM }),
        ),
      );
      if (!Signature || !verifyEd25519(publicKey, message, Signature)) {
        throw unusable('KMS gave a signature that is not by the public key that it gave');
      }
      return new Uint8Array(Signature);
    },
  };
}
