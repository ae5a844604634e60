// Messages for tests of notify, and servers on this machine that answer as WeCom, DingTalk and other people's systems do.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Draft } from '../../../events/catalogue.ts';
import type { Category } from '../../../events/envelope.ts';
import type { Message, Notice, SendDeps } from '../../../functions/notify/message.ts';
import { LIANTANG } from '../../../shared/rules/campaign/liantang.ts';
import type { NoticeEvent } from '../../../shared/rules/reminder/notice.ts';
import { eventOf, type About } from '../../support/builders.ts';

export const NOW = new Date('2025-05-15T00:30:00.000Z');

export interface Arrived {
  url: URL;
  headers: IncomingMessage['headers'];
  text: string;
}
type Answer = (response: ServerResponse, arrived: Arrived) => void;

export interface TestServer {
  /** e.g. http://127.0.0.1:40000 */
  address: string;
  arrived: Arrived[];
  /** how it answers from now on */
  answer: Answer;
  close: () => Promise<void>;
}

/** Answers 200 with `{}` by default. */
export async function startServer(): Promise<TestServer> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const arrived: Arrived = {
        url: new URL(request.url ?? '/', 'http://127.0.0.1'),
        headers: request.headers,
        text: Buffer.concat(chunks).toString('utf8'),
      };
      started.arrived.push(arrived);
      started.answer(response, arrived);
    });
  });
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  const started: TestServer = {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrived: [],
    answer: (response) => response.end('{}'),
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
  return started;
}

/** A server that answers this, the same to everybody. */
export const says =
  (body: unknown, status = 200, headers: Record<string, string> = {}): Answer =>
  (response) =>
    response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(typeof body === 'string' ? body : JSON.stringify(body));

export const sendDeps = (
  readSecret: SendDeps['readSecret'] = () => Promise.reject(new Error('no secret')),
): SendDeps => ({
  now: () => NOW,
  readSecret,
  timeoutMs: 2_000,
});

const DUE = '2025-05-20T15:59:59.999Z';

export function reminder(workingDays = -3, data: object = {}, about: About = {}, id = 'h_1', version = 6): NoticeEvent {
  const rung = workingDays > 0 ? `+${workingDays}` : String(workingDays);
  const draft = {
    type: 'ReminderIssued',
    data: {
      clause: 'GAS-01',
      grade: 'general',
      before: 'ordered',
      after: 'ordered',
      due: DUE,
      rung,
      workingDays,
      recipients: [{ organisation: 'guijianban', post: 'liaison', person: 'p-liaison-1' }],
      skipped: [],
      ...data,
    },
  } as Draft;
  return event('hazard', id, draft, about, version);
}

/** An event about unit u_1 in the gas track, for which guijianban is responsible. */
export function event(category: Category, id: string, draft: Draft, about: About = {}, version = 6): NoticeEvent {
  const known: About = { unit: 'u_1', track: 'gas', organisation: 'guijianban' };
  return eventOf(category, id, version, draft, { ...known, ...about }) as NoticeEvent;
}

export const noticeOf = (of: NoticeEvent, posts: string[] = [], unit: string | null = '练塘某餐饮店'): Notice => ({
  position: of.version,
  event: of,
  posts,
  unit,
});

export function messageOf(notices: Notice[], about: Partial<Message> = {}): Message {
  return {
    id: 'm_0123456789abcdef0123',
    organisation: 'guijianban',
    notices,
    campaign: LIANTANG,
    console: 'https://daocha.example.gov.cn',
    ...about,
  };
}
