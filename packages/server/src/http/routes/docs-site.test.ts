import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { registerDocsSiteRoutes } from './docs-site.ts';

const files = {
  'index.html': 'all pages',
  '404.html': 'no such page',
  'get-started.html': 'begin here'.repeat(100),
  'clients/index.html': 'all clients',
  'clients/fal.html': 'fal',
  'icon.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
  'assets/app.a1b2.js': 'console.log("developing");'.repeat(20),
  'assets/chunks/@localSearchIndexroot.c3d4.js': 'export default {}',
};

let folder: string;
let app: FastifyInstance;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-docs-'));
  app = fastify({ routerOptions: { ignoreTrailingSlash: true } });
  await app.register(async (scope) => registerDocsSiteRoutes(scope, path.join(folder, 'dist')));
});

afterEach(async () => {
  await app.close();
  await rm(folder, { recursive: true, force: true });
});

async function build(): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, 'dist', name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
    await writeFile(`${file}.br`, brotliCompressSync(text));
  }
}

describe('the documentation', () => {
  it('has each page at its address', async () => {
    await build();
    const addresses = {
      '/docs/': 'index.html',
      '/docs/clients/': 'clients/index.html',
      '/docs/clients/fal?from=search': 'clients/fal.html',
      '/docs/get-started': 'get-started.html',
      '/docs/icon.svg': 'icon.svg',
    } as const;
    for (const [url, file] of Object.entries(addresses)) expect((await app.inject(url)).body, url).toBe(files[file]);
    expect((await app.inject('/docs/get-started')).headers['content-type']).toMatch(/^text\/html/);
    expect((await app.inject('/docs/icon.svg')).headers['content-type']).toMatch(/^image\/svg/);
  });

  it('redirects other spellings of an address, because the links of a page are relative', async () => {
    await build();
    const addresses = {
      '/docs': '/docs/',
      '/docs/index.html': '/docs/',
      '/docs/clients': '/docs/clients/',
      '/docs/get-started/': '/docs/get-started',
      '/docs/get-started.html': '/docs/get-started',
    };
    for (const [url, address] of Object.entries(addresses)) {
      const answer = await app.inject(url);
      expect(answer.statusCode, url).toBe(301);
      expect(answer.headers.location, url).toBe(address);
    }
  });

  it('is revalidated by browsers, and cannot be framed or load from other hosts', async () => {
    await build();
    const { headers } = await app.inject('/docs/get-started');
    expect(headers).toMatchObject({ 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' });
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|\*/);
    const again = await app.inject({ url: '/docs/get-started', headers: { 'if-none-match': String(headers.etag) } });
    expect(again.statusCode).toBe(304);
  });

  it('has assets that browsers keep for good', async () => {
    await build();
    const { headers } = await app.inject('/docs/assets/app.a1b2.js');
    expect(headers).toMatchObject({ 'cache-control': 'public, max-age=31536000, immutable' });
    expect(await app.inject('/docs/assets/chunks/@localSearchIndexroot.c3d4.js')).toMatchObject({ statusCode: 200 });
  });

  it('sends pages and assets compressed to clients that accept it', async () => {
    await build();
    for (const [url, file] of [
      ['/docs/get-started', 'get-started.html'],
      ['/docs/assets/app.a1b2.js', 'assets/app.a1b2.js'],
    ] as const) {
      const answer = await app.inject({ url, headers: { 'accept-encoding': 'gzip, br' } });
      expect(answer.headers['content-encoding'], url).toBe('br');
      expect(answer.headers.vary, url).toMatch(/accept-encoding/i);
      expect(brotliDecompressSync(answer.rawPayload).toString(), url).toBe(files[file]);
    }
  });

  it('answers 404 with a page that says so, and shows nothing outside of its folder', async () => {
    await build();
    await writeFile(path.join(folder, 'secret.html'), 'never shown');
    for (const url of [
      '/docs/none',
      '/docs/none.js',
      '/docs/../secret',
      '/docs/..%2fsecret',
      '/docs/%2e%2e/secret.html',
    ]) {
      const answer = await app.inject(url);
      expect(answer.statusCode, url).toBe(404);
      expect(answer.body, url).not.toContain('never shown');
    }
    expect(await app.inject('/docs/none')).toMatchObject({ body: 'no such page' });
  });

  it('says how to build it when it is not built, and exists as soon as it is', async () => {
    expect((await app.inject('/docs/get-started')).body).toContain('npm run build -w @darkroom/docs-site');
    await build();
    expect((await app.inject('/docs/get-started')).body).toBe(files['get-started.html']);
    expect((await app.inject('/docs/assets/app.a1b2.js')).body).toBe(files['assets/app.a1b2.js']);
  });
});
