import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openApiDocument } from '../../../functions/api/openapi.ts';
import { DOCS_ASSETS } from '../../../functions/docs/assets.ts';
import { handler } from '../../../functions/docs/handler.ts';

const get = (rawPath: string, headers: Record<string, string> = {}, method = 'GET') =>
  handler({ rawPath, headers, requestContext: { http: { method } } });

const packageJson = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

describe('the documentation', () => {
  it('has the OpenAPI document of this version', async () => {
    const { statusCode, headers, body } = await get('/openapi.json');
    expect(statusCode).toBe(200);
    expect(headers['content-type']).toBe('application/json');
    expect(JSON.parse(body)).toEqual(JSON.parse(JSON.stringify(openApiDocument(packageJson.version))));
  });

  it('has a page whose every file is served from here, and none from elsewhere', async () => {
    const page = await get('/docs');
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.body).not.toMatch(/https?:/);
    const files = [...page.body.matchAll(/(?:src|href)="\.([^"]+)"/g)].map((match) => match[1]!);
    expect(files.length).toBe(Object.keys(DOCS_ASSETS).length + 1);
    for (const file of files) expect(await get(file)).toMatchObject({ statusCode: 200 });
    expect((await get('/docs/start.js')).body).toContain("url: './openapi.json'");
    expect(page.headers['content-security-policy']).toContain("script-src 'self'");
  });

  it('sends files with their types, zipped to who takes it, below the limit of a Lambda answer', async () => {
    for (const [name, type] of Object.entries(DOCS_ASSETS)) {
      const plain = await get(`/docs/${name}`);
      expect(plain.headers['content-type']).toBe(type);
      expect(plain.headers['cache-control']).toMatch(/max-age/);
      expect(Buffer.byteLength(plain.body)).toBeLessThan(5 * 1024 * 1024);
      const zipped = await get(`/docs/${name}`, { 'accept-encoding': 'gzip, br' });
      if (!type.startsWith('text/')) continue;
      expect(zipped.headers['content-encoding']).toBe('gzip');
      expect(gunzipSync(Buffer.from(zipped.body, 'base64')).toString()).toBe(plain.body);
    }
  });

  it('is not sent again to who has it', async () => {
    const first = await get('/docs/swagger-ui.css');
    const again = await get('/docs/swagger-ui.css', { 'if-none-match': first.headers['etag']! });
    expect(again).toMatchObject({ statusCode: 304, body: '' });
  });

  it('leads /docs/ to /docs, and is only read', async () => {
    expect(await get('/docs/')).toMatchObject({ statusCode: 308, headers: { location: '../docs' } });
    expect((await get('/docs', {}, 'POST')).statusCode).toBe(405);
  });

  it.each(['/docs/package.json', '/docs/../../package.json', '/docs/%2e%2e/package.json', '/docs/constructor'])(
    'has nothing but its own files: not %s',
    async (path) => {
      expect((await get(path)).statusCode).toBe(404);
    },
  );
});
