// WeCom's and DingTalk's group robots, against servers on this machine that answer as their documentation says they do,
// and as servers do that are broken. What may be tried again is told from what may not; nothing secret is in any
// outcome.
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DingtalkChannel, WecomChannel } from '../../../functions/notify/channels.ts';
import { dingtalk } from '../../../functions/notify/dingtalk.ts';
import type { Outcome } from '../../../functions/notify/outcome.ts';
import { wecom } from '../../../functions/notify/wecom.ts';
import { messageOf, noticeOf, NOW, reminder, says, sendDeps, startServer, type TestServer } from './support.ts';

const KEY = '693a91f6-7aoc-4bc4-97a0-0ec2sifa5aaa';
const TOKEN = 'b0f2c1e6access';
const SECRET = 'SEC6e1d0b5f0c9a4d';
const message = messageOf([noticeOf(reminder(), ['liaison'])]);
let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());
beforeEach(() => {
  server.arrived.length = 0;
});

const robots: Record<string, (timeoutMs?: number) => Promise<Outcome>> = {
  wecom: (timeoutMs = 2_000) => {
    const channel: WecomChannel = { kind: 'wecom', url: `${server.address}/cgi-bin/webhook/send?key=${KEY}` };
    return wecom.send(channel, message, { ...sendDeps(), timeoutMs });
  },
  dingtalk: (timeoutMs = 2_000) => {
    const channel: DingtalkChannel = {
      kind: 'dingtalk',
      url: `${server.address}/robot/send?access_token=${TOKEN}`,
      secret: SECRET,
    };
    return dingtalk.send(channel, message, { ...sendDeps(), timeoutMs });
  },
};

/** What each robot's server could repeat to us. */
const OWN: Record<string, string[]> = { wecom: [KEY], dingtalk: [TOKEN, SECRET] };

describe('what is sent', () => {
  beforeEach(() => {
    server.answer = says({ errcode: 0, errmsg: 'ok' });
  });

  it('to WeCom is markdown, at the robot’s whole address', async () => {
    expect(await robots['wecom']!()).toEqual({ kind: 'taken', answer: 'errcode 0 ok' });
    const [{ url, text, headers }] = server.arrived as [TestServer['arrived'][number]];
    expect(url.pathname + url.search).toBe(`/cgi-bin/webhook/send?key=${KEY}`);
    expect(headers['content-type']).toMatch(/^application\/json/);
    const { msgtype, markdown } = JSON.parse(text);
    expect(msgtype).toBe('markdown');
    expect(markdown.content.split('\n')).toEqual([
      '**【倒查】安全整治提醒1件（规建办）**',
      '1. **【距期限3个工作日】练塘某餐饮店**：城镇燃气安全综合治理 GAS-01，整改期限5月20日，请分管联络员办理。[查看](https://daocha.example.gov.cn/hazards/h_1)',
      '请[登录平台](https://daocha.example.gov.cn)办理并确认收到。',
    ]);
  });

  it('to DingTalk is markdown with a title, signed over its time with the robot’s secret', async () => {
    expect(await robots['dingtalk']!()).toEqual({ kind: 'taken', answer: 'errcode 0 ok' });
    const [{ url, text }] = server.arrived as [TestServer['arrived'][number]];
    const timestamp = String(NOW.getTime());
    expect(url.searchParams.get('access_token')).toBe(TOKEN);
    expect(url.searchParams.get('timestamp')).toBe(timestamp);
    expect(url.searchParams.get('sign')).toBe(
      createHmac('sha256', SECRET).update(`${timestamp}\n${SECRET}`).digest('base64'),
    );
    const { msgtype, markdown } = JSON.parse(text);
    expect({ msgtype, title: markdown.title }).toEqual({
      msgtype: 'markdown',
      title: '【倒查】安全整治提醒1件（规建办）',
    });
    expect(markdown.text).toContain('\n\n1. **【距期限3个工作日】');
  });

  it('to a DingTalk robot without a secret is not signed', async () => {
    const url = `${server.address}/robot/send?access_token=${TOKEN}`;
    await dingtalk.send({ kind: 'dingtalk', url }, message, sendDeps());
    expect([...server.arrived[0]!.url.searchParams.keys()]).toEqual(['access_token']);
  });
});

describe('size', () => {
  const many = (n: number) =>
    messageOf(Array.from({ length: n }, (_, i) => noticeOf(reminder(-3, {}, {}, `h_${i}`), ['liaison'])));

  it.each([
    ['wecom', wecom, 4096, (text: string) => JSON.parse(text).markdown.content as string],
    ['dingtalk', dingtalk, 20_000, (text: string) => text],
  ] as const)(
    'a message fits %s when what it measures has at most %s bytes',
    async (name, adapter, limit, measured) => {
      server.answer = says({ errcode: 0, errmsg: 'ok' });
      const most = Array.from({ length: adapter.most }, (_, i) => i + 1).findLast((n) => adapter.fits(many(n)))!;
      const bytes = async (n: number): Promise<number> => {
        const channel = { kind: name, url: `${server.address}/?key=k&access_token=t` };
        await adapter.send(channel as never, many(n), sendDeps());
        return Buffer.byteLength(measured(server.arrived.at(-1)!.text));
      };
      expect(await bytes(most)).toBeLessThanOrEqual(limit);
      expect(most).toBeGreaterThan(10);
      const oneMore = most < adapter.most ? await bytes(most + 1) : Number.POSITIVE_INFINITY;
      expect(oneMore).toBeGreaterThan(limit);
    },
  );

  it('any one notice fits, whatever its unit is called', () => {
    const long = noticeOf(reminder(), ['liaison', 'officer', 'head', 'grid', 'contact'], '燃'.repeat(500));
    expect(wecom.fits(messageOf([long]))).toBe(true);
  });
});

describe.each(Object.keys(robots))('%s', (name) => {
  const send = robots[name]!;
  const harmlessText = (outcome: Outcome): void => {
    const text = JSON.stringify(outcome);
    for (const secret of [...OWN[name]!, server.address]) expect(text).not.toContain(secret);
  };

  it.each([['says that it is busy', -1, 'system busy']])(
    'that %s may take the message later',
    async (_, errcode, errmsg) => {
      server.answer = says({ errcode, errmsg });
      expect(await send()).toEqual({ kind: 'again', error: `errcode ${errcode} ${errmsg}` });
    },
  );

  it.each([
    ['HTTP 500', says('oops', 500), { error: 'HTTP 500 oops' }],
    [
      'HTTP 502 with a page',
      says('<html>bad gateway</html>', 502, { 'content-type': 'text/html' }),
      { error: 'HTTP 502 <html>bad gateway</html>' },
    ],
    ['HTTP 429 with seconds', says('slow', 429, { 'retry-after': '90' }), { afterMs: 90_000, limited: true }],
    [
      'HTTP 503 with a date',
      says('later', 503, { 'retry-after': 'Thu, 15 May 2025 00:35:00 GMT' }),
      { afterMs: 300_000 },
    ],
    ['HTTP 429 with nonsense', says('slow', 429, { 'retry-after': 'soon' }), { limited: true }],
    [
      'a page instead of JSON',
      says('<html>please sign in</html>'),
      { error: expect.stringContaining('makes no sense') },
    ],
    ['JSON without errcode', says({ hello: 'world' }), { error: expect.stringContaining('makes no sense') }],
    ['an empty answer', says(''), { error: expect.stringContaining('makes no sense') }],
  ])('answering %s may take the message later', async (_, answer, expected) => {
    server.answer = answer;
    const outcome = await send();
    expect(outcome).toMatchObject({ kind: 'again', ...expected });
    harmlessText(outcome);
  });

  it('that cuts the connection may take the message later', async () => {
    server.answer = (response) => response.destroy();
    expect(await send()).toMatchObject({ kind: 'again', error: expect.stringMatching(/no answer/) });
  });

  it('that never answers is not waited for', async () => {
    server.answer = () => {};
    expect(await send(60)).toEqual({ kind: 'again', error: 'no answer within 0.06 s' });
  });

  it('that stops in the middle of its answer is not waited for', async () => {
    server.answer = (response) => response.writeHead(200, { 'content-length': '100' }).write('{"errcode"');
    expect(await send(60)).toMatchObject({ kind: 'again' });
  });

  it('that answers without end is not listened to for ever', async () => {
    server.answer = (response) => {
      const more = (): void => {
        while (response.writable && response.write('x'.repeat(65_536)));
      };
      response.writeHead(200);
      response.on('drain', more);
      more();
    };
    const outcome = await send();
    expect(outcome).toMatchObject({ kind: 'again', error: expect.stringContaining('makes no sense') });
    expect(outcome.kind === 'again' && outcome.error.length).toBeLessThanOrEqual(300);
  });

  it('that nobody answers for may be there again later', async () => {
    const gone = await startServer();
    await gone.close();
    const url = `${gone.address}/send?key=${KEY}&access_token=${TOKEN}`;
    const outcome =
      name === 'wecom'
        ? await wecom.send({ kind: 'wecom', url }, message, sendDeps())
        : await dingtalk.send({ kind: 'dingtalk', url }, message, sendDeps());
    expect(outcome).toEqual({ kind: 'again', error: 'no answer: ECONNREFUSED' });
  });

  it.each([301, 302, 307])(
    'that sends us elsewhere with %s is refused: a message goes where it was configured to',
    async (status) => {
      server.answer = says('', status, { location: `${server.address}/elsewhere` });
      expect(await send()).toMatchObject({ kind: 'refused' });
      expect(server.arrived).toHaveLength(1);
    },
  );

  it.each([400, 401, 403, 404, 410])('that answers %s will not take the message', async (status) => {
    server.answer = says(`no ${OWN[name]!.join(' ')}`, status);
    const outcome = await send();
    expect(outcome).toMatchObject({ kind: 'refused', error: expect.stringContaining(`HTTP ${status}`) });
    harmlessText(outcome);
  });

  it('that refuses the message by a code will not take it', async () => {
    server.answer = says({ errcode: 40_035, errmsg: `invalid ${OWN[name]!.join('')}, asked by someone@example.cn` });
    const stars = '***'.repeat(OWN[name]!.length);
    expect(await send()).toEqual({ kind: 'refused', error: `errcode 40035 invalid ${stars}, asked by ***` });
  });
});

describe('WeCom', () => {
  it.each([45_009, 45_033])('that was asked too often (%i) is left alone for a minute', async (errcode) => {
    server.answer = says({
      errcode,
      errmsg: 'api freq out of limit, hint: [1647424338], from ip: 203.0.113.7, more info at …',
    });
    const error = `errcode ${errcode} api freq out of limit`;
    expect(await robots['wecom']!()).toEqual({ kind: 'again', error, afterMs: 60_000, limited: true });
  });

  it.each([
    [93_000, 'invalid webhook url'],
    [40_058, 'markdown.content exceed max length 4096'],
  ])('answering %i refuses for good', async (errcode, errmsg) => {
    server.answer = says({ errcode, errmsg: `${errmsg}. hint: [1], from ip: 203.0.113.7` });
    expect(await robots['wecom']!()).toEqual({ kind: 'refused', error: `errcode ${errcode} ${errmsg}` });
  });
});

describe('DingTalk', () => {
  it.each([130_101, 410_100, 90_030])(
    'that was asked too often (%i) is left alone for ten minutes',
    async (errcode) => {
      server.answer = says({ errcode, errmsg: 'send too fast, exceed 20 times per minute' });
      expect(await robots['dingtalk']!()).toMatchObject({ kind: 'again', afterMs: 600_000, limited: true });
    },
  );

  it('whose gateway denies us says how long', async () => {
    server.answer = says({ status: 1111, wait: 5, source: 'x5', punish: 'deny', uuid: 'u' });
    expect(await robots['dingtalk']!()).toMatchObject({ kind: 'again', afterMs: 5_000, limited: true });
  });

  it.each([
    [310_000, 'sign not match'],
    [310_000, 'keywords not in content'],
    [310_000, 'ip 203.0.113.7 not in whitelist'],
    [300_005, 'token is not exist'],
    [400_102, '机器人已停用'],
  ])('answering %i %s refuses for good', async (errcode, errmsg) => {
    server.answer = says({ errcode, errmsg });
    expect(await robots['dingtalk']!()).toEqual({ kind: 'refused', error: `errcode ${errcode} ${errmsg}` });
  });
});

describe('a wrong clock of this machine', () => {
  it.each([
    'invalid timestamp, more: [https://ding-doc.dingtalk.com/doc]',
    'description:机器人发送签名过期;solution:签名生成时间和发送时间请保持在 timestampms 以内;link:请参考本接口对应文档',
  ])('is no refusal of the message, and whoever runs it is told: %s', async (errmsg) => {
    server.answer = says({ errcode: 310_000, errmsg });
    const outcome = await robots['dingtalk']!();
    expect(outcome).toMatchObject({ kind: 'again', error: expect.stringMatching(/时钟.*NTP.*clock.*errcode 310000/s) });
  });

  it.each(['sign not match', 'keywords not in content', 'ip 203.0.113.7 not in whitelist'])(
    'is not what DingTalk means by %s',
    async (errmsg) => {
      server.answer = says({ errcode: 310_000, errmsg });
      expect(await robots['dingtalk']!()).toEqual({ kind: 'refused', error: `errcode 310000 ${errmsg}` });
    },
  );
});
