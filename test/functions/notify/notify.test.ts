// What notify does with reminders: digests, one channel's trouble and another's, retries that grow, giving up, sending
// again; each outcome recorded once.
import { beforeEach, describe, expect, it } from 'vitest';
import type { Draft } from '../../../events/catalogue.ts';
import { ChannelsInvalid } from '../../../functions/notify/channels.ts';
import { MAX_ATTEMPTS } from '../../../functions/notify/drain.ts';
import { deadLetters, readState, putBack } from '../../../functions/notify/outbox.ts';
import { event } from './support.ts';
import { MINUTE, NotifyTown, START, TAKEN } from './town.ts';

let town: NotifyTown;
beforeEach(() => {
  town = new NotifyTown('guijianban', 'village-01');
});
const hour = 60 * MINUTE;
const broken = { kind: 'again' as const, error: 'HTTP 500' };
const minutesOf = (channel: string): number[] =>
  town.sent.filter((one) => one.channel === channel).map(({ at }) => (at - START) / MINUTE);

describe('a reminder', () => {
  it('goes once to each organisation it is for, and what became of it is recorded with the event that led to it', async () => {
    const id = await town.remind('guijianban', 'village-01');
    await town.run();
    expect(town.summary()).toEqual([`delivered guijianban/wecom ${id}`, `delivered village-01/wecom ${id}`]);
    expect(town.outcomes()[0]).toMatchObject({
      cause: id,
      source: 'policy',
      organisation: expect.any(String),
      data: { round: 1, attempts: 1, sentAt: new Date(START).toISOString(), answer: 'ok' },
    });
    await town.sequence();
    await town.run();
    expect(town.sent).toHaveLength(2);
    expect(town.outbox().map(({ sk }) => sk)).toEqual(['channel#guijianban/wecom', 'channel#village-01/wecom']);
  });

  it('goes to every channel that an organisation has and that wants it', async () => {
    town.reach('guijianban', ['wecom', 'email']).reach('village-01', ['dingtalk'], ['EscalationSubmitted']);
    await town.remind('guijianban', 'village-01');
    await town.run();
    expect(town.sent.map(({ channel }) => channel).toSorted()).toEqual(['guijianban/email', 'guijianban/wecom']);
  });

  it('for an organisation without a channel goes nowhere, and nothing is kept for it', async () => {
    await town.remind('office');
    await town.run();
    expect([town.sent, town.outbox()]).toEqual([[], []]);
  });
});

describe('many reminders', () => {
  it('for one channel become few messages, in the order of the log, each at most so large', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 12; n++) ids.push(await town.remind('guijianban'));
    await town.run();
    expect(town.sent.map(({ events }) => events)).toEqual([ids.slice(0, 5), ids.slice(5, 10), ids.slice(10)]);
    expect(town.outcomes()).toHaveLength(3);
  });

  it('never go faster than the channel allows, over however many runs', async () => {
    town.limits = { perMinute: 3, most: 1 };
    for (let n = 0; n < 8; n++) await town.remind('guijianban');
    for (let run = 0; run < 200 && (await town.busy()); run++) {
      await town.run();
      town.now += 7_000;
    }
    const times = town.sent.map(({ at }) => at);
    expect(times).toHaveLength(8);
    for (const at of times)
      expect(times.filter((other) => other >= at && other < at + MINUTE).length).toBeLessThanOrEqual(3);
  });
});

describe('a channel that fails', () => {
  it('is tried again later and later, and holds up no other', async () => {
    town.robot = (_, { organisation }) => (organisation === 'guijianban' ? broken : TAKEN);
    await town.remind('guijianban', 'village-01');
    for (let minute = 0; minute < 200; minute++) {
      await town.run();
      town.now += MINUTE;
    }
    expect(minutesOf('village-01/wecom')).toEqual([0]);
    const tried = minutesOf('guijianban/wecom');
    const gaps = tried.slice(1).map((at, n) => at - tried[n]!);
    expect(gaps).toEqual([1, 1, 2, 4, 8, 16, 32, 60, 60]);
    expect(await readState(town.views, 'guijianban/wecom')).toMatchObject({ failures: 10, lastError: 'HTTP 500' });
  });

  it('and comes back gets the message that was begun, then what came meanwhile in one', async () => {
    town.robot = () => broken;
    const first = await town.remind('guijianban');
    await town.run();
    const later = [await town.remind('guijianban'), await town.remind('guijianban')];
    town.robot = () => TAKEN;
    await town.settle();
    expect(town.summary()).toEqual([
      `delivered guijianban/wecom ${first}`,
      `delivered guijianban/wecom ${later.join(' ')}`,
    ]);
    expect(town.outcomes().find(({ data }) => data.carries[0] === first)!.data.attempts).toBe(2);
  });

  it('and says how long to wait is left alone for so long', async () => {
    let asked = 0;
    town.robot = () => (asked++ === 0 ? { kind: 'again', error: 'HTTP 503', afterMs: 10 * MINUTE } : TAKEN);
    await town.remind('guijianban');
    await town.settle();
    expect(minutesOf('guijianban/wecom')).toEqual([0, 10]);
  });

  it('for too long has its message given up after a bound, kept, and the next one tried', async () => {
    town.robot = () => broken;
    const id = await town.remind('guijianban');
    for (let minute = 0; minute < 24 * 60 && town.outcomes().length === 0; minute++) {
      await town.run();
      town.now += MINUTE;
    }
    expect(town.outcomes()).toMatchObject([
      { type: 'MessageFailed', data: { attempts: MAX_ATTEMPTS, why: 'exhausted', error: 'HTTP 500', carries: [id] } },
    ]);
    expect(await deadLetters(town.views)).toMatchObject([
      { channel: 'guijianban/wecom', why: 'exhausted', error: 'HTTP 500' },
    ]);
    expect(town.counted['MessagesFailed']).toBe(1);
    town.robot = () => TAKEN;
    const next = await town.remind('guijianban');
    await town.settle();
    expect(town.summary()).toContain(`delivered guijianban/wecom ${next}`);
  });

  it('by saying that it is asked too often does not use up the attempts of a message, but its time', async () => {
    town.robot = () => ({ kind: 'again', error: 'errcode 45009', afterMs: MINUTE, limited: true });
    await town.remind('guijianban');
    await town.settle();
    const [only] = town.outcomes();
    expect(only).toMatchObject({ type: 'MessageFailed', data: { why: 'exhausted' } });
    expect(town.sent.length).toBeGreaterThan(1000);
    expect(Date.parse(only!.recordedAt) - START).toBe(24 * hour);
  });

  it('by throwing is one that may do better later', async () => {
    let asked = 0;
    town.robot = () => {
      if (asked++ === 0) throw new TypeError('of duty@example.gov.cn');
      return TAKEN;
    };
    await town.remind('guijianban');
    await town.run();
    expect(await readState(town.views, 'guijianban/wecom')).toMatchObject({ lastError: 'TypeError: of ***' });
    await town.settle();
    expect(town.outcomes()).toMatchObject([{ type: 'MessageDelivered' }]);
  });
});

describe('a channel that refuses', () => {
  beforeEach(() => {
    town.robot = () => ({ kind: 'refused', error: 'errcode 93000 invalid webhook url' });
  });

  it('has the message given up at once, and the rest wait, so that it is not all spent', async () => {
    const first = await town.remind('guijianban');
    await town.run();
    await town.remind('guijianban');
    await town.run();
    expect(town.summary()).toEqual([`failed (refused) guijianban/wecom ${first}`]);
    expect(town.sent).toHaveLength(1);
    town.now += MINUTE;
    await town.run();
    expect(town.sent).toHaveLength(2);
  });

  it('gets the same message again when somebody asks for it, in a further round', async () => {
    const id = await town.remind('guijianban');
    await town.run();
    const [letter] = await deadLetters(town.views);
    await putBack(town.views, letter!);
    town.robot = () => TAKEN;
    await town.settle();
    expect(town.outcomes().map(({ type, data }) => [type, data.round])).toEqual([
      ['MessageFailed', 1],
      ['MessageDelivered', 2],
    ]);
    expect(new Set(town.sent.map(({ message }) => message)).size).toBe(1);
    expect(town.sent.at(-1)!.events).toEqual([id]);
    expect(await deadLetters(town.views)).toEqual([]);
  });

  it('and refuses again has it as a dead letter again', async () => {
    await town.remind('guijianban');
    await town.run();
    await putBack(town.views, (await deadLetters(town.views))[0]!);
    await town.settle();
    expect(town.outcomes().map(({ data }) => data.round)).toEqual([1, 2]);
    expect(await deadLetters(town.views)).toMatchObject([{ round: 2, why: 'refused' }]);
  });

  it('is not sent again what was delivered meanwhile', async () => {
    await town.remind('guijianban');
    await town.run();
    const [letter] = await deadLetters(town.views);
    town.robot = () => TAKEN;
    for (let times = 0; times < 2; times++) {
      await putBack(town.views, letter!);
      await town.settle();
    }
    expect(town.sent).toHaveLength(2);
    expect(await town.busy()).toBe(false);
  });
});

describe('what can go nowhere any more', () => {
  it('because the channel is not configured now is given up and kept', async () => {
    town.robot = () => broken;
    const first = await town.remind('guijianban');
    await town.run();
    const second = await town.remind('guijianban');
    await town.run();
    town.channels.delete('guijianban');
    await town.run();
    expect(town.summary()).toEqual([
      `failed (no-channel) guijianban/wecom ${first}`,
      `failed (no-channel) guijianban/wecom ${second}`,
    ]);
    expect(await deadLetters(town.views, 'guijianban/wecom')).toHaveLength(2);
  });

  it('because it is too old is not sent, and that is recorded; what is fresh goes', async () => {
    const old = await town.remind('guijianban');
    town.now += 8 * 24 * hour;
    const fresh = await town.remind('guijianban');
    await town.run();
    expect(town.summary()).toEqual([`delivered guijianban/wecom ${fresh}`, `failed (expired) guijianban/wecom ${old}`]);
    expect(town.sent.map(({ events }) => events)).toEqual([[fresh]]);
  });
});

describe('the district’s decisions', () => {
  const about = (type: string, data: object): Draft =>
    ({ type, data: { hazard: 'h_1', to: 'district-fire', before: 'submitted', after: 'accepted', ...data } }) as Draft;

  it('go to the office, and what is submitted goes to the district', async () => {
    town = await new NotifyTown('office', 'district-fire', 'leading-group').launched();
    await town.record(event('escalation', 'e_1', about('EscalationSubmitted', { round: 1 }), {}, 1));
    await town.record(event('escalation', 'e_2', about('EscalationReturned', { missing: ['照片'], by: 'p-1' }), {}, 1));
    const danger = { limit: 'power', rule: 'danger', reason: '燃气泄漏', urgent: true, ruleSet: 1 };
    await town.record(event('escalation', 'e_3', about('EscalationProposed', danger), {}, 1));
    await town.record(event('escalation', 'e_4', about('EscalationProposed', { ...danger, urgent: false }), {}, 1));
    const added = (after: string) => about('EscalationGroundAdded', { ...danger, before: after, after });
    await town.record(event('escalation', 'e_5', added('accepted'), {}, 1));
    await town.record(event('escalation', 'e_6', added('proposed'), {}, 1));
    await town.run();
    expect(town.summary()).toEqual([
      'delivered district-fire/wecom escalation/e_1/1 escalation/e_5/1',
      'delivered leading-group/wecom escalation/e_3/1 escalation/e_5/1 escalation/e_6/1',
      'delivered office/wecom escalation/e_2/1 escalation/e_3/1 escalation/e_5/1 escalation/e_6/1',
    ]);
  });
});

it('a wrong configuration stops everything with what is wrong, and nothing is lost by it', async () => {
  const id = await town.remind('guijianban');
  town.wrong = new ChannelsInvalid('channels/guijianban[0].url', 'must be an https address');
  await expect(town.run()).rejects.toThrow('channels/guijianban[0].url: must be an https address');
  town.wrong = undefined;
  await town.run();
  expect(town.summary()).toEqual([`delivered guijianban/wecom ${id}`]);
});

it('a run short of time begins no further message; the next one goes on', async () => {
  for (let n = 0; n < 12; n++) await town.remind('guijianban');
  let left = 60_000;
  town.robot = () => {
    left -= 20_000;
    return TAKEN;
  };
  await town.run(undefined, () => left);
  expect(town.sent).toHaveLength(2);
  await town.run();
  expect(town.sent).toHaveLength(3);
});

it('what another run has noted only in part, the later before the earlier, is left until all of it is there', async () => {
  const gate = () => {
    let open = (): void => {};
    const opened = new Promise<void>((done) => {
      open = done;
    });
    return { open, opened };
  };
  const [followed, halfWay, first, second] = [gate(), gate(), gate(), gate()];
  const ids = [await town.remind('guijianban')];
  const slow = town.run(async ({ name, when, input }) => {
    const looks = name === 'Query' && JSON.stringify(input).includes('channel#');
    if (!looks || when !== 'before') return;
    followed.open();
    await first.opened;
  });
  await followed.opened;
  for (let n = 0; n < 30; n++) ids.push(await town.remind('guijianban'));
  let writes = 0;
  const ahead = town.run(async ({ name, when }) => {
    if (name !== 'BatchWriteItem') return;
    if (when === 'after') halfWay.open();
    else if (++writes === 1) await second.opened;
  });
  await halfWay.opened;
  expect(town.outbox().filter(({ sk }) => sk.startsWith('due#'))).toHaveLength(6);
  first.open();
  await slow;
  second.open();
  await ahead;
  await town.settle();
  expect(town.sent.flatMap(({ events }) => events)).toEqual(ids);
});
