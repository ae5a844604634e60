import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import withMiddleware from '@middy/core';
import type { Context } from 'aws-lambda';
import { expect, test, vi } from 'vitest';
import { flushMetrics } from '../../functions/runtime/flush-metrics.ts';

const context = {} as Context;

function setUp() {
  const write = vi.fn<(message: unknown) => void>();
  const logger = { debug: write, info: write, warn: write, error: write };
  const metrics = new Metrics({ namespace: 'test', serviceName: 'test', logger });
  const publish = vi.spyOn(metrics, 'publishStoredMetrics').mockReturnValue(metrics);
  return { write, metrics, publish };
}

test('a run that counted nothing writes nothing and warns of nothing', async () => {
  const { metrics, publish, write } = setUp();
  await withMiddleware(async () => {}).use(flushMetrics(metrics))({}, context);
  expect(publish).not.toHaveBeenCalled();
  expect(write).not.toHaveBeenCalled();
});

test('what a run counted is written when it has ended', async () => {
  const { metrics, publish } = setUp();
  const handler = withMiddleware(async () => {
    metrics.addMetric('EventsFollowed', MetricUnit.Count, 1);
  });
  await handler.use(flushMetrics(metrics))({}, context);
  expect(publish).toHaveBeenCalledOnce();
});

test('what a run counted before it failed is written as well', async () => {
  const { metrics, publish } = setUp();
  const handler = withMiddleware(async () => {
    metrics.addMetric('EventsTampered', MetricUnit.Count, 1);
    throw new Error('log out of reach');
  });
  await expect(handler.use(flushMetrics(metrics))({}, context)).rejects.toThrow('log out of reach');
  expect(publish).toHaveBeenCalledOnce();
});
