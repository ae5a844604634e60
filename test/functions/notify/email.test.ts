// E-mail by SMTP, against a mail server on this machine: what arrives, and what becomes of refusals now and for ever,
// of silence and of garbage.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterEach, describe, expect, it } from 'vitest';
import { email } from '../../../functions/notify/email.ts';
import type { Outcome } from '../../../functions/notify/outcome.ts';
import { titleOf } from '../../../functions/notify/text.ts';
import { LIANTANG } from '../../../shared/rules/campaign/liantang.ts';
import { temporaryDirectory } from '../../support/platform.ts';
import { messageOf, noticeOf, reminder, sendDeps } from './support.ts';

const TO = ['duty@district.example.gov.cn', 'office@district.example.gov.cn'];
const message = messageOf([noticeOf(reminder(), ['liaison']), noticeOf(reminder(1, {}, {}, 'h_2'))]);
const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

interface Mail {
  from: string;
  to: string[];
  user: string | undefined;
  secure: boolean;
  text: string;
}

async function mailServer(options: SMTPServerOptions = {}): Promise<{ port: number; mails: Mail[] }> {
  const mails: Mail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          user: session.user,
          secure: session.secure,
          text: Buffer.concat(chunks).toString('utf8'),
        });
        done(null, 'queued as 4ZxQ2');
      });
    },
    ...options,
  });
  server.on('error', () => {}); // a client that hangs up
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  closing.push(() => new Promise((done) => server.close(done)));
  return { port: (server.server.address() as AddressInfo).port, mails };
}

async function rawServer(connected: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    connected(socket);
  });
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  closing.push(
    () =>
      new Promise((done) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => done());
      }),
  );
  return (server.address() as AddressInfo).port;
}

function send(port: number, settings: object = {}, timeoutMs = 3_000): Promise<Outcome> {
  const smtp = {
    host: '127.0.0.1',
    port,
    security: 'none',
    from: '倒查平台 <daocha@town.example.gov.cn>',
    ...settings,
  };
  return email.send({ kind: 'email', to: TO }, message, { ...sendDeps(async () => JSON.stringify(smtp)), timeoutMs });
}

/** A mail's subject and body, decoded. */
function read({ text }: Mail): { head: string; subject: string; body: string } {
  const cut = text.indexOf('\r\n\r\n');
  const head = text.slice(0, cut);
  const subject = [...head.matchAll(/=\?UTF-8\?([BQ])\?([^?]*)\?=/gi)]
    .filter(
      (match) => head.slice(0, match.index).lastIndexOf('Subject:') > head.slice(0, match.index).lastIndexOf('From:'),
    )
    .map(([, how, word]) =>
      how!.toUpperCase() === 'B' ? Buffer.from(word!, 'base64') : quoted(word!.replaceAll('_', ' ')),
    )
    .reduce((all, part) => Buffer.concat([all, part]), Buffer.alloc(0))
    .toString();
  const body = text.slice(cut + 4);
  return { head, subject, body: (/base64/i.test(head) ? Buffer.from(body, 'base64') : quoted(body)).toString() };
}
function quoted(text: string): Buffer {
  const joined = text.replaceAll(/=\r\n/g, '');
  return Buffer.from(
    joined.replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    'latin1',
  );
}

describe('a mail', () => {
  it('arrives at all addresses with subject and text, under an id made from the message', async () => {
    const { port, mails } = await mailServer();
    expect(await send(port)).toEqual({ kind: 'taken', answer: '250 queued as 4ZxQ2' });
    expect(mails).toMatchObject([{ from: 'daocha@town.example.gov.cn', to: TO }]);
    const { head, subject, body } = read(mails[0]!);
    expect(head).toMatch(new RegExp(`^Message-ID: <${message.id}@town.example.gov.cn>`, 'm'));
    expect(head).toMatch(/^Auto-Submitted: auto-generated/m);
    expect(subject).toBe('【倒查】安全整治提醒2件（规建办）');
    expect(body.split(/\r?\n/).slice(0, 2)).toEqual([
      '1. 【逾期1个工作日】练塘某餐饮店：城镇燃气安全综合治理 GAS-01，整改期限5月20日。',
      '   https://daocha.example.gov.cn/hazards/h_2',
    ]);
  });

  it('cuts its subject within no character, wherever a line of the head ends', async () => {
    const { port, mails } = await mailServer();
    const smtp = { host: '127.0.0.1', port, security: 'none', from: '倒查平台 <daocha@town.example.gov.cn>' };
    const deps = { ...sendDeps(async () => JSON.stringify(smtp)), timeoutMs: 60_000 };
    const rare = ['𠀀', '𣲗', '😀'];
    const names = Array.from({ length: 320 }, (_, n) => {
      const offset = n % 40;
      const turned = [...rare.slice(n % 3), ...rare.slice(0, n % 3)].join('');
      // latin letters and Chinese ones before it: what is before a character counts one byte, or three
      return `${(n < 160 ? '甲' : 'a').repeat(offset)}${turned.repeat(1 + (Math.floor(n / 40) % 4))}`;
    });
    const told = names.map((name) => {
      const organisations = LIANTANG.organisations.map((one) => (one.id === 'guijianban' ? { ...one, name } : one));
      return { ...message, campaign: { ...LIANTANG, organisations } };
    });
    const sent = await Promise.all(told.map((one) => email.send({ kind: 'email', to: TO }, one, deps)));
    expect(sent.filter(({ kind }) => kind !== 'taken')).toEqual([]);
    expect(mails.map((mail) => read(mail).subject).toSorted()).toEqual(told.map(titleOf).toSorted());
    for (const { head, subject } of mails.map(read)) {
      expect(subject.isWellFormed() && !subject.includes('\ufffd')).toBe(true);
      const words = [...head.matchAll(/=\?UTF-8\?([BQ])\?([^?]*)\?=/gi)].map(([, how, word]) =>
        how!.toUpperCase() === 'B' ? Buffer.from(word!, 'base64') : quoted(word!.replaceAll('_', ' ')),
      );
      expect(words.length).toBeGreaterThan(1);
      // RFC 2047 section 5: each encoded word is whole characters by itself
      for (const word of words) expect(() => new TextDecoder('utf-8', { fatal: true }).decode(word)).not.toThrow();
    }
    expect(mails).toHaveLength(320);
  });

  it('goes over STARTTLS and signed in, when the server is one that we know', async () => {
    const { key, cert } = certificate();
    const { port, mails } = await mailServer({
      key,
      cert,
      authOptional: false,
      disabledCommands: [],
      onAuth: ({ username, password }, _session, done) =>
        password === 'correct-horse' ? done(null, { user: username ?? '' }) : done(new Error('no')),
    });
    const signedIn = { host: 'localhost', security: 'starttls', ca: cert, user: 'daocha', password: 'correct-horse' };
    expect(await send(port, signedIn)).toMatchObject({ kind: 'taken' });
    expect(mails).toMatchObject([{ user: 'daocha', secure: true }]);
    const wrong = await send(port, { ...signedIn, password: 'hunter2hunter2' });
    expect(wrong).toMatchObject({ kind: 'refused', error: expect.stringMatching(/^EAUTH: 535/) });
    expect(JSON.stringify(wrong)).not.toContain('hunter2');
    const { ca: _, ...stranger } = signedIn;
    expect(await send(port, stranger)).not.toMatchObject({ kind: 'taken' });
    expect(mails).toHaveLength(1);
  });

  it('does not go to a server that offers no encryption', async () => {
    const { port, mails } = await mailServer();
    expect(await send(port, { host: 'localhost', security: 'starttls' })).toMatchObject({ kind: 'refused' });
    expect(mails).toEqual([]);
  });

  it('that only some addresses take is taken, and how many did not is said, not which', async () => {
    const { port } = await mailServer({
      onRcptTo: ({ address }, _session, done) =>
        address === TO[0] ? done(Object.assign(new Error(`<${TO[0]}>: no such user`), { responseCode: 550 })) : done(),
    });
    expect(await send(port)).toEqual({ kind: 'taken', answer: '250 queued as 4ZxQ2; 1 of 2 addresses refused' });
  });

  it.each([
    [550, 'refused'],
    [552, 'refused'],
    [450, 'again'],
    [421, 'again'],
  ])('that every address answers with %i: %s, without the address', async (responseCode, kind) => {
    const { port } = await mailServer({
      onRcptTo: ({ address }, _session, done) =>
        done(Object.assign(new Error(`<${address}> not now`), { responseCode })),
    });
    const outcome = await send(port);
    expect(outcome).toMatchObject({ kind, error: expect.stringMatching(/^E\w+: \d{3} /) });
    expect(JSON.stringify(outcome)).not.toMatch(/duty|office|district\.example/);
  });
});

describe('a mail server', () => {
  it('that nobody answers for may be there later', async () => {
    const { port } = await mailServer();
    await closing.pop()!();
    expect(await send(port)).toMatchObject({ kind: 'again', error: expect.stringContaining('ECONNREFUSED') });
  });

  it('that never says hello is not waited for', async () => {
    const port = await rawServer(() => {});
    expect(await send(port, {}, 80)).toMatchObject({ kind: 'again', error: expect.stringMatching(/^ETIMEDOUT/) });
  });

  it('that hangs up may be there later', async () => {
    const port = await rawServer((socket) => socket.end('220 hello\r\n', () => socket.destroy()));
    expect(await send(port)).toMatchObject({ kind: 'again' });
  });

  it('that talks nonsense may come to its senses', async () => {
    const port = await rawServer((socket) => socket.write('<html>hello</html>\r\n'));
    expect(await send(port)).toMatchObject({ kind: 'again', error: expect.stringMatching(/^EPROTOCOL/) });
  });
});

function certificate(): { key: string; cert: string } {
  const directory = temporaryDirectory();
  const file = (name: string): string => join(directory.path, name);
  closing.push(() => directory.remove());
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '1',
      '-subj',
      '/CN=localhost',
    ].concat(['-addext', 'subjectAltName=DNS:localhost', '-keyout', file('key'), '-out', file('cert')]),
    { stdio: 'ignore' },
  );
  return { key: readFileSync(file('key'), 'utf8'), cert: readFileSync(file('cert'), 'utf8') };
}
