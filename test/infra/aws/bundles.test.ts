// Each function as it is deployed: one file that loads with nothing but what the template gives it.

import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { bundleFunction, environmentOf, importTime } from '../../../infra/cli/bundle-report.ts';
import { ASSETS_OF, type FunctionName, FUNCTIONS } from '../../../infra/aws/constructs/bundling.ts';
import { synthesize } from '../../../infra/aws/synth.ts';
import { allowed, sorted } from './template.ts';

const template = synthesize();
const folder = mkdtempSync(join(tmpdir(), 'daocha-bundles-'));
const fileOf = (name: string): string => join(folder, name, 'index.mjs');

beforeAll(async () => {
  await Promise.all(FUNCTIONS.map((name) => bundleFunction(name, fileOf(name))));
});
/** The names of DynamoDB's data operations in a bundle; esbuild leaves out the commands that nothing uses. */
const OPERATION =
  /"((?:BatchGet|BatchWrite|Get|Put|Update|Delete)Item|TransactWriteItems|TransactGetItems|Query|Scan|ExecuteStatement)"/g;

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(FUNCTIONS)('bundle of %s', (name) => {
  it('is one module, its source map, and the files it serves', () => {
    const assets = ASSETS_OF[name] ? ['assets'] : [];
    expect(readdirSync(join(folder, name)).toSorted()).toEqual([...assets, 'index.mjs', 'index.mjs.map']);
  });

  it('loads on Node 24 outside of the project, with exactly the environment of the template', async () => {
    const environment = environmentOf(template, name);
    expect(Object.keys(environment)).toContain('DAOCHA_TENANT');
    expect(await importTime(fileOf(name), environment)).toBeGreaterThan(0);
  });
});

describe.each(FUNCTIONS)('rights of %s', (name) => {
  it('are those that its code uses, none missing, none to spare', () => {
    const code = readFileSync(fileOf(name), 'utf8');
    const used = [...code.matchAll(OPERATION)].map(([, operation]) => operation!);
    // a transaction needs no right of its own, but those of its parts
    const needed = new Set(used.map((operation) => (operation === 'TransactWriteItems' ? 'PutItem' : operation)));
    const granted = new Set(
      ['events', 'log', 'views', 'access', 'directory'].flatMap((table) =>
        allowed(template, name, table).map((right) => right.split(' ')[0]!),
      ),
    );
    expect(sorted(granted)).toEqual(sorted(needed));
  });
});

describe('a bundle at work', () => {
  it('signs its requests with the credentials of the role, which Lambda puts into the environment', async () => {
    const seen: Record<string, unknown>[] = [];
    const dynamo = createServer((request, response) => {
      seen.push({ ...request.headers });
      response.setHeader('content-type', 'application/x-amz-json-1.0').end('{}');
    });
    await new Promise<void>((resolve) => {
      dynamo.listen(0, '127.0.0.1', resolve);
    });
    try {
      await invoke(
        'sequence',
        { Records: [] },
        {
          AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${(dynamo.address() as AddressInfo).port}`,
          AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
          AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
          AWS_SESSION_TOKEN: 'token-of-the-session',
        },
      );
    } finally {
      dynamo.close();
    }
    expect(seen.length).toBeGreaterThan(0);
    for (const headers of seen) {
      expect(headers['authorization']).toMatch(
        /^AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE\/\d{8}\/us-east-1\/dynamodb\//,
      );
      expect(headers['x-amz-security-token']).toBe('token-of-the-session');
    }
  });

  it('serves the documentation from the files beside it', async () => {
    for (const rawPath of ['/docs', '/docs/swagger-ui.css', '/docs/swagger-ui-bundle.js', '/openapi.json']) {
      const event = { rawPath, headers: {}, requestContext: { http: { method: 'GET' } } };
      expect(await invoke('docs', event), rawPath).toEqual({ statusCode: 200 });
    }
  });
});

/** Calls a bundle's handler in a process of its own, as deployed; what it answers. */
async function invoke(name: FunctionName, event: object, environment: Record<string, string> = {}): Promise<unknown> {
  const script = `
    const { handler } = await import(${JSON.stringify(fileOf(name))});
    const answer = await handler(${JSON.stringify(event)}, {});
    const text = JSON.stringify({ statusCode: answer?.statusCode });
    process.stdout.write('\\n' + text, () => process.exit(0));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    env: { AWS_REGION: 'us-east-1', ...environmentOf(template, name), ...environment },
  });
  return JSON.parse(stdout.slice(stdout.lastIndexOf('\n') + 1));
}

it('the documentation carries what answers look like, not what reads them: at most 350 KB, no SDK', () => {
  const code = readFileSync(fileOf('docs'), 'utf8');
  expect(code.length).toBeLessThanOrEqual(350_000);
  expect(code).not.toMatch(/DynamoDBClient|aws-sdk/);
});

it('the API with the SDK inside, SSM for the key that it signs with, is at most 960 KB', () => {
  expect(statSync(fileOf('api')).size).toBeLessThanOrEqual(960_000);
});

it('the console with the API, its charts, its spreadsheets and S3 for evidence and zip files inside is at most 2.3 MB', () => {
  expect(statSync(fileOf('console')).size).toBeLessThanOrEqual(2_300_000);
});

it('a function that lacks a variable says which one, at start', async () => {
  const { EVENTS_TABLE: _, ...environment } = environmentOf(template, 'sequence');
  await expect(importTime(fileOf('sequence'), environment)).rejects.toThrow(/EVENTS_TABLE is missing/);
});
