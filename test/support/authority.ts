// A time-stamping authority for tests, made with openssl: a CA, a certificate for time-stamping, and answers by
// `openssl ts -reply`, for a server of answering.ts to give. Everything lies in a temporary directory, gone after `remove`.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether openssl is on this machine, with its `ts` command. */
export const hasOpenssl = spawnSync('openssl', ['ts', '-help'], { stdio: 'ignore' }).status === 0;

/** For the name of a group of tests that needs it. */
export const opensslNotice = hasOpenssl ? '' : ' (skipped: there is no openssl on this machine)';

const CONFIG = `
[req]
distinguished_name = dn
prompt = no
[dn]
C = CN
O = District Test Authority
CN = Time Stamps
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[stamping]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[careless]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = clientAuth
[tsa]
default_tsa = tsa_default
[tsa_default]
dir = .
serial = serial
crypto_device = builtin
signer_cert = tsa.pem
certs = ca.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ordering = no
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
`;

export interface Authority {
  dir: string;
  /** PEM of its CA */
  ca: string;
  caFile: string;
  /** runs openssl in the directory */
  openssl: (...args: string[]) => void;
  /** makes `<name>.key` and `<name>.pem`, by default signed by the CA and for time-stamping */
  issue: (name: string, how?: { by?: string; as?: 'stamping' | 'careless' }) => void;
  /** the answer to a request, DER */
  reply: (tsq: Uint8Array) => Uint8Array;
  remove: () => void;
}

export type KeyKind = 'rsa' | 'ec';

const KEYS: Record<KeyKind, string[]> = {
  rsa: ['-newkey', 'rsa:2048'],
  ec: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
};

/** An authority with a CA of its own. */
export function makeAuthority(kind: KeyKind = 'rsa'): Authority {
  const dir = mkdtempSync(join(tmpdir(), 'daocha-tsa-'));
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: dir, stdio: ['ignore', 'ignore', 'pipe'] });
  };
  writeFileSync(join(dir, 'tsa.cnf'), CONFIG);
  writeFileSync(join(dir, 'serial'), '01\n');
  const request = ['-nodes', '-config', 'tsa.cnf', '-sha256'];
  const root = ['-subj', '/C=CN/O=District Test Authority/CN=Root', '-extensions', 'ca', '-days', '3650'];
  openssl('req', '-x509', ...KEYS[kind], ...request, ...root, '-keyout', 'ca.key', '-out', 'ca.pem');
  const issue: Authority['issue'] = (name, { by = 'ca', as = 'stamping' } = {}) => {
    const signed = ['-CA', `${by}.pem`, '-CAkey', `${by}.key`, '-set_serial', '2', '-days', '3650', '-sha256'];
    openssl('req', '-new', ...KEYS[kind], ...request, '-keyout', `${name}.key`, '-out', `${name}.csr`);
    const wanted = ['-extfile', 'tsa.cnf', '-extensions', as, '-out', `${name}.pem`];
    openssl('x509', '-req', '-in', `${name}.csr`, ...signed, ...wanted);
  };
  issue('tsa');
  let asked = 0;
  return {
    dir,
    openssl,
    issue,
    ca: readFileSync(join(dir, 'ca.pem'), 'utf8'),
    caFile: join(dir, 'ca.pem'),
    reply(tsq) {
      asked += 1;
      const [query, answer] = [`${asked}.tsq`, `${asked}.tsr`];
      writeFileSync(join(dir, query), tsq);
      openssl('ts', '-reply', '-config', 'tsa.cnf', '-section', 'tsa_default', '-queryfile', query, '-out', answer);
      return new Uint8Array(readFileSync(join(dir, answer)));
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}
