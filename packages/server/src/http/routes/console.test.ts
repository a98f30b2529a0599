import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { registerConsoleRoutes } from './console.ts';

const page = '<!doctype html><title>built</title>';
const script = 'console.log("developing");'.repeat(20);

let folder: string;
let app: FastifyInstance;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-console-'));
  app = fastify();
});

afterEach(async () => {
  await app.close();
  await rm(folder, { recursive: true, force: true });
});

async function build(): Promise<void> {
  await mkdir(path.join(folder, 'assets'));
  await writeFile(path.join(folder, 'index.html'), page);
  await writeFile(path.join(folder, 'assets/index-a1b2.js'), script);
  await writeFile(path.join(folder, 'assets/index-a1b2.js.br'), brotliCompressSync(script));
}

const media = { listOrigins: async () => ['https://bucket.example.net'] };

const register = () =>
  registerConsoleRoutes(app, { publicUrl: () => 'https://pictures.example.com/darkroom', media, folder });

describe('the console', () => {
  it('is a page that browsers always revalidate and that cannot be framed or load from other hosts', async () => {
    await build();
    await register();
    const answer = await app.inject('/');
    expect(answer).toMatchObject({ statusCode: 200, body: page });
    expect(answer.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
    });
    const policy = String(answer.headers['content-security-policy']).split('; ');
    expect(policy).toEqual(
      expect.arrayContaining(["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"]),
    );
    expect(policy).toContain("img-src 'self' https://pictures.example.com https://bucket.example.net");
    expect(policy.join()).not.toMatch(/unsafe|\*/);
  });

  it('answers the address of each of its pages', async () => {
    await build();
    await register();
    for (const url of ['/gallery', '/gallery?status=failed', '/uploads', '/queue', '/usage', '/webhooks', '/keys']) {
      expect(await app.inject(url), url).toMatchObject({ statusCode: 200, body: page });
    }
  });

  it('has assets that browsers keep for good', async () => {
    await build();
    await register();
    const answer = await app.inject('/assets/index-a1b2.js');
    expect(answer).toMatchObject({ statusCode: 200, body: script });
    expect(answer.headers).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
    });
    expect(answer.headers['content-type']).toMatch(/^(text|application)\/javascript/);
  });

  it('sends assets compressed to clients that accept it, with their own type', async () => {
    await build();
    await register();
    const answer = await app.inject({ url: '/assets/index-a1b2.js', headers: { 'accept-encoding': 'gzip, br' } });
    expect(answer.headers).toMatchObject({
      'content-encoding': 'br',
      'x-content-type-options': 'nosniff',
      'cache-control': 'public, max-age=31536000, immutable',
    });
    expect(answer.headers['content-type']).toMatch(/^(text|application)\/javascript/);
    expect(answer.headers.vary).toMatch(/accept-encoding/i);
    expect(brotliDecompressSync(answer.rawPayload).toString()).toBe(script);
  });

  it('shows nothing outside of its assets', async () => {
    await build();
    await writeFile(path.join(folder, 'secret.txt'), 'never shown');
    await register();
    for (const url of ['/assets/..%2fsecret.txt', '/assets/../secret.txt', '/assets/', '/assets/none.js', '/other']) {
      const answer = await app.inject(url);
      expect(answer.statusCode, url).toBeGreaterThanOrEqual(400);
      expect(answer.body, url).not.toContain('never shown');
    }
  });

  it('says how to build it when it is not built, and exists as soon as it is', async () => {
    await register();
    const before = await app.inject('/');
    expect(before.statusCode).toBe(200);
    expect(before.body).toContain('npm run build');
    await build();
    expect((await app.inject('/')).body).toBe(page);
    expect((await app.inject('/assets/index-a1b2.js')).body).toBe(script);
  });
});
