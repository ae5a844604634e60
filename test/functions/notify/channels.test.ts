// The registry of channels: what is right, and of what is wrong which secret, which place, which field, and never the value.
import { describe, expect, it } from 'vitest';
import { partsOf, readChannels, smtpOf, wants } from '../../../functions/notify/channels.ts';
import type { Secrets } from '../../../functions/runtime/secrets.ts';

const URLS = {
  wecom: 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6',
  dingtalk: 'https://oapi.dingtalk.com/robot/send?access_token=b0f2c1e6',
};
const UUID = '693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa';
const WHSEC = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;
const SMTP = {
  host: 'smtp.example.gov.cn',
  user: 'daocha',
  password: 'hunter2hunter2',
  from: '倒查平台 <daocha@example.gov.cn>',
};

function secrets(all: Record<string, unknown>): Secrets {
  const texts = Object.entries(all).map(([name, value]): [string, string] => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return {
    readSecret: async (name) => new Map(texts).get(name) ?? Promise.reject(new Error(`no ${name}`)),
    listSecrets: async (folder) => new Map(texts.filter(([name]) => name.startsWith(`${folder}/`))),
  };
}

describe('channels', () => {
  it('are known by organisation, kind and name, and want all events unless told', async () => {
    const all = await readChannels(
      secrets({
        'channels/guijianban': [
          { kind: 'wecom', url: URLS.wecom },
          { kind: 'dingtalk', url: URLS.dingtalk, secret: 'SEC1', events: ['EscalationReturned'] },
        ],
        'channels/district-fire': [
          { kind: 'webhook', url: 'https://district.example.gov.cn/in', secret: WHSEC, name: 'case-system' },
          { kind: 'email', to: ['duty@example.gov.cn'] },
        ],
        smtp: SMTP,
      }),
    );
    const ids = [...all].map(([organisation, channels]) => [organisation, channels.map(({ id }) => id)]);
    expect(Object.fromEntries(ids)).toEqual({
      guijianban: ['guijianban/wecom', 'guijianban/dingtalk'],
      'district-fire': ['district-fire/webhook/case-system', 'district-fire/email'],
    });
    const [every, some] = all.get('guijianban')!;
    expect([
      wants(every!, 'ReminderIssued'),
      wants(some!, 'ReminderIssued'),
      wants(some!, 'EscalationReturned'),
    ]).toEqual([true, false, true]);
    expect(partsOf('district-fire/webhook/case-system')).toEqual({
      organisation: 'district-fire',
      channel: 'webhook',
      name: 'case-system',
    });
  });

  it('may all be absent', async () => {
    expect(await readChannels(secrets({ smtp: SMTP, other: 'x' }))).toEqual(new Map());
  });

  it.each<[unknown, string, RegExp]>([
    ['{"kind":', '', /JSON/],
    [{ kind: 'wecom', url: URLS.wecom }, '', /array/],
    [[{ kind: 'sms', url: URLS.wecom }], '[0].kind', /wecom|Invalid/],
    [[{ kind: 'wecom' }], '[0].url', /string/],
    [[{ kind: 'wecom', url: 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send' }], '[0].url', /\?key=/],
    [[{ kind: 'wecom', url: 'http://qyapi.weixin.qq.com/send?key=hunter2hunter2' }], '[0].url', /https/],
    [[{ kind: 'wecom', url: 'http://127.0.0.1.evil.test/send?key=hunter2hunter2' }], '[0].url', /https/],
    [[{ kind: 'wecom', url: 'https://hunter2hunter2:p@127.0.0.1/send?key=k' }], '[0].url', /https/],
    [[{ kind: 'dingtalk', url: URLS.wecom }], '[0].url', /\?access_token=/],
    [[{ kind: 'dingtalk', url: `${URLS.dingtalk}%20` }], '[0].url', /no blanks after it/],
    [[{ kind: 'wecom', url: `${URLS.wecom}%E2%80%8B` }], '[0].url', /no blanks after it/],
    ...[
      '…',
      '<key>',
      '%3Ckey%3E',
      'hunter2%20',
      ' ',
      'a'.repeat(65),
      `${UUID}${UUID}`,
      `${UUID}&key=${UUID}`,
      '您的key',
    ].map((key): [unknown, string, RegExp] => [
      [{ kind: 'wecom', url: `https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=${key}` }],
      '[0].url',
      /one key of letters|blank|no blanks after it/,
    ]),
    [[{ kind: 'wecom', url: `${URLS.wecom}${URLS.wecom}` }], '[0].url', /two were pasted/],
    ...['SEChunter2%20', 'SEC<hunter2>', 'SEC…', 'SEC', 'SEChunter2SEChunter2', 'SEChunter2='].map(
      (secret): [unknown, string, RegExp] => [
        [{ kind: 'dingtalk', url: URLS.dingtalk, secret }],
        '[0].secret',
        /must begin with SEC/,
      ],
    ),
    ...[
      'https://a.test/in%20',
      'https://a.test/in?tenant=7%20',
      'https://a.test/%20in',
      'https://a.test/in%E3%80%80',
      'https://a.test/in?a=%0A',
    ].map((url): [unknown, string, RegExp] => [
      [{ kind: 'webhook', url, secret: WHSEC }],
      '[0].url',
      /no blanks after it/,
    ]),
    [[{ kind: 'webhook', url: 'https://a.test', secret: 'hunter2hunter2' }], '[0].secret', /whsec_/],
    [[{ kind: 'webhook', url: 'https://a.test' }], '[0].secret', /string/],
    [[{ kind: 'email', to: [] }], '[0].to', /1/],
    [[{ kind: 'email', to: ['a@b.cn', 'hunter2hunter2'] }], '[0].to[1]', /e-mail address/],
    [[{ kind: 'wecom', url: URLS.wecom, events: ['HazardFound'] }], '[0].events[0]', /ReminderIssued/],
    [[{ kind: 'wecom', url: URLS.wecom, colour: 'hunter2hunter2' }], '[0]', /colour/],
    [
      [
        { kind: 'wecom', url: URLS.wecom },
        { kind: 'wecom', url: `${URLS.wecom}2` },
      ],
      '[1].name',
      /apart/,
    ],
  ])('%j is refused at %s', async (wrong, place, says) => {
    const error = await readChannels(secrets({ 'channels/guijianban': wrong })).then(
      () => undefined,
      (thrown: Error & { field: string; expected: string }) => thrown,
    );
    expect(error).toMatchObject({ type: 'channels-invalid', field: `channels/guijianban${place}` });
    expect(error!.expected).toMatch(says);
    expect(error!.message).not.toContain('hunter2');
  });

  // what comes along when a key is pasted: after it, before it, in it
  const ALONG: [string, (key: string) => string, RegExp][] = [
    ['a blank after it', (key) => `${key} `, /blank \(U\+0020\) at its end/],
    ['a blank before it', (key) => ` ${key}`, /blank \(U\+0020\) at its beginning/],
    ['an ideographic blank', (key) => `${key}\u3000`, /blank \(U\+3000\) at its end/],
    ['a line end', (key) => `${key}\r\n`, /line end \(U\+000A\) at its end/],
    ['a line end within', (key) => `${key.slice(0, 4)}\n${key.slice(4)}`, /line end \(U\+000A\) within it/],
    ['a byte order mark', (key) => `\uFEFF${key}`, /byte order mark \(U\+FEFF\) at its beginning/],
    ['what nobody sees', (key) => `${key.slice(0, 4)}\u200B${key.slice(4)}`, /not seen \(U\+200B\) within it/],
    ['quotation marks', (key) => `"${key}"`, /quotation mark \(U\+0022\)/],
    ['Chinese quotation marks', (key) => `“${key}”`, /quotation mark \(U\+201C\)/],
    ['bytes that were not UTF-8', (key) => `${key}\uFFFD`, /not seen \(U\+FFFD\)/],
  ];
  const KEYS: [string, string, (key: string) => Record<string, unknown>][] = [
    ['channels/a[0].url', URLS.wecom, (url) => ({ 'channels/a': [{ kind: 'wecom', url }] })],
    ['channels/a[0].url', URLS.dingtalk, (url) => ({ 'channels/a': [{ kind: 'dingtalk', url }] })],
    [
      'channels/a[0].secret',
      'SEChunter2hunter2',
      (secret) => ({ 'channels/a': [{ kind: 'dingtalk', url: URLS.dingtalk, secret }] }),
    ],
    [
      'channels/a[0].secret',
      WHSEC,
      (secret) => ({ 'channels/a': [{ kind: 'webhook', url: 'https://a.test', secret }] }),
    ],
    ['channels/a[0].to[0]', 'hunter2@b.cn', (to) => ({ 'channels/a': [{ kind: 'email', to: [to] }], smtp: SMTP })],
    ...(['host', 'user', 'password', 'from'] as const).map((field): (typeof KEYS)[number] => [
      `smtp.${field}`,
      SMTP[field],
      (text) => ({ 'channels/a': [{ kind: 'email', to: ['a@b.cn'] }], smtp: { ...SMTP, [field]: text } }),
    ]),
  ];
  it.each(KEYS.flatMap(([place, key, of]) => ALONG.map(([what, put, says]) => ({ what, place, key, put, of, says }))))(
    '$what in $place is named by its code, never the value',
    async ({ place, key, put, of, says }) => {
      await expect(readChannels(secrets(of(key)))).resolves.toBeDefined();
      const error = await readChannels(secrets(of(put(key)))).then(
        () => undefined,
        (thrown: Error & { field: string; expected: string }) => thrown,
      );
      expect(error).toMatchObject({ type: 'channels-invalid', field: place });
      expect(error!.expected).toMatch(says);
      expect(error!.message).not.toContain(key.slice(0, 9));
    },
  );

  it('signed by DingTalk have a secret that begins with SEC; its address is https', async () => {
    const refused = async (channel: object): Promise<string> =>
      readChannels(secrets({ 'channels/a': [{ kind: 'dingtalk', url: URLS.dingtalk, ...channel }] })).then(
        () => '',
        (error: Error) => error.message,
      );
    for (const secret of ['sec123', 'EC123', '123', 'SEC', `SEC${'x'.repeat(198)}`]) {
      expect(await refused({ secret }), secret).toMatch(/must begin with SEC and have no blanks/);
    }
    expect(await refused({ url: URLS.dingtalk.replace('https', 'http') })).toMatch(/https address without blanks/);
  });

  it('whose password has blanks and a quotation mark within are taken', async () => {
    const smtp = { ...SMTP, password: 'abcd "efgh ijkl' };
    await expect(
      readChannels(secrets({ 'channels/a': [{ kind: 'email', to: ['a@b.cn'] }], smtp })),
    ).resolves.toBeDefined();
  });

  it('of an organisation that can be none are refused', async () => {
    await expect(readChannels(secrets({ 'channels/规建办': [] }))).rejects.toMatchObject({ field: 'channels/规建办' });
  });

  it('by e-mail need the mail server’s settings, right ones', async () => {
    const mail = { 'channels/a': [{ kind: 'email', to: ['a@b.cn'] }] };
    await expect(readChannels(secrets(mail))).rejects.toThrow('no smtp');
    await expect(readChannels(secrets({ ...mail, smtp: { ...SMTP, port: 0 } }))).rejects.toMatchObject({
      field: 'smtp.port',
    });
  });
});

describe('the mail server', () => {
  it('is spoken to with STARTTLS at port 587 unless told', () => {
    expect(smtpOf(JSON.stringify(SMTP))).toMatchObject({ port: 587, security: 'starttls' });
  });

  it.each([
    [{ security: 'none' }, 'smtp.security'],
    [{ password: undefined }, 'smtp.password'],
    [{ from: 'daocha' }, 'smtp.from'],
    [{ ca: 'hunter2hunter2' }, 'smtp.ca'],
    [{ host: '' }, 'smtp.host'],
    [{ host: 'https://mx.example.gov.cn' }, 'smtp.host'],
    [{ host: 'mx.example.gov.cn:587' }, 'smtp.host'],
    ...[
      'ｓｍｔｐ.example.cn',
      'smtp。example。cn',
      'smtp．example.cn',
      'smtp..example.cn',
      '-smtp.example.cn',
      'smtp-.example.cn',
      '.smtp',
    ].map((host): [object, string] => [{ host }, 'smtp.host']),
    ...[
      'd%20@example.cn',
      '倒查 <d%20@example.cn>',
      'd@example',
      'd@@example.cn',
      '<d@example.cn> <e@example.cn>',
      'd@example..cn',
    ].map((from): [object, string] => [{ from }, 'smtp.from']),
    [{ pass: 'hunter2hunter2' }, 'smtp'],
  ])('with %j is refused at %s', (wrong, field) => {
    const text = JSON.stringify({ ...SMTP, ...wrong });
    expect(() => smtpOf(text)).toThrow(expect.objectContaining({ type: 'channels-invalid', field }));
    expect(() => smtpOf(text)).not.toThrow(/hunter2/);
  });

  it.each(['smtp.example.cn', 'mx-1.example.cn', '邮件.练塘.cn', '10.0.0.7', '[::1]', 'localhost'])(
    'may be %s',
    (host) => {
      expect(smtpOf(JSON.stringify({ ...SMTP, host })).host).toBe(host);
    },
  );

  it('on this machine needs no encryption', () => {
    expect(smtpOf(JSON.stringify({ ...SMTP, host: '127.0.0.1', security: 'none' })).security).toBe('none');
  });
});
