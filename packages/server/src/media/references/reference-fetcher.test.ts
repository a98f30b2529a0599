import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { maxReferenceBytes } from '@darkroom/protocol';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FetcherHarness, withRawServer } from '../../../test/fakes/fetcher-harness.ts';
import { ManualClock } from '../../../test/fakes/manual-clock.ts';
import { systemClock } from '../../platform/clock.ts';

const picture = sharp({ create: { width: 8, height: 8, channels: 3, background: 'teal' } });
const png = await picture.clone().png().toBuffer();
const jpeg = await picture.clone().jpeg().toBuffer();
const webp = await picture.clone().webp().toBuffer();
const tooLarge = 'it is larger than 7 MB';

let harness: FetcherHarness;

beforeEach(async () => {
  harness = await FetcherHarness.start();
});

afterEach(async () => {
  await harness.close();
});

describe('a picture', () => {
  it.each([
    ['image/png', png],
    ['image/jpeg', jpeg],
    ['image/webp', webp],
    ['image/heic', Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic and more')],
    ['image/heif', Buffer.from('\0\0\0\x18ftypmif1\0\0\0\0mif1miaf and more')],
  ])('is fetched byte for byte and known by its bytes: %s', async (mimeType, bytes) => {
    harness.server.answerBody(bytes, { 'content-type': 'text/html' });
    const fetched = await harness.fetch(`${harness.server.origin}/page.html`);
    expect(fetched).toMatchObject({ kind: 'fetched', mimeType });
    expect(await harness.read(`${harness.server.origin}/page.html`)).toEqual(bytes);
  });

  it('is in the folder under a name that cannot be guessed', async () => {
    harness.server.answerBody(png);
    await Promise.all([harness.fetch(harness.server.origin), harness.fetch(harness.server.origin)]);
    expect(await harness.files()).toEqual([expect.stringMatching(/^[\w-]{32}$/), expect.stringMatching(/^[\w-]{32}$/)]);
  });

  it('is requested without anything that identifies Darkroom', async () => {
    harness.server.answerBody(png);
    await harness.read(`${harness.server.origin}/a%20b.png?x=1&y#part`);
    const [request] = harness.server.requests;
    expect(request?.url).toBe('/a%20b.png?x=1&y');
    expect(request?.headers).toEqual({
      host: `127.0.0.1:${harness.server.port}`,
      connection: 'keep-alive',
      accept: expect.stringContaining('image/png'),
      'accept-encoding': 'identity',
      'user-agent': 'Darkroom',
    });
  });

  it('may have the largest size, and not one byte more', async () => {
    const largest = Buffer.concat([png, randomBytes(maxReferenceBytes - png.length)]);
    harness.server.answerBody(largest);
    expect((await harness.read(harness.server.origin)).equals(largest)).toBe(true);
    harness.server.answer((response) => response.end(largest));
    expect((await harness.read(harness.server.origin)).equals(largest)).toBe(true);
    harness.server.answer((response) => {
      response.write(largest);
      response.end('!');
    });
    expect(await harness.fail(harness.server.origin)).toBe(tooLarge);
  });

  it.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['GZIP', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['identity', (bytes: Buffer) => bytes],
    ['', (bytes: Buffer) => bytes],
  ])('is decompressed when the server compressed it unasked: %j', async (encoding, compress) => {
    harness.server.answerBody(compress(png), { 'content-encoding': encoding });
    expect(await harness.read(harness.server.origin)).toEqual(png);
  });

  it('may have the largest size when its compression made it larger', async () => {
    const largest = Buffer.concat([png, randomBytes(maxReferenceBytes - png.length)]);
    harness.server.answerBody(gzipSync(largest, { level: 1 }), { 'content-encoding': 'gzip' });
    expect((await harness.read(harness.server.origin)).equals(largest)).toBe(true);
  });
});

describe('a redirect', () => {
  it.each([301, 302, 303, 307, 308])('is followed, even to a relative address: %d', async (status) => {
    harness.server.answer((response, request) => {
      if (request.url === '/pictures/new/cat.png?size=1') response.end(png);
      else response.writeHead(status, { location: '../new/cat.png?size=1' }).end('moved');
    });
    expect(await harness.read(`${harness.server.origin}/pictures/old/cat.png`)).toEqual(png);
  });

  it('is followed five times but not six', async () => {
    harness.server.answer((response, { url = '' }) => {
      const left = Number(url.slice(1));
      if (left === 0) response.end(png);
      else redirectTo(`/${left - 1}`)(response);
    });
    expect(await harness.read(`${harness.server.origin}/5`)).toEqual(png);
    expect(await harness.fail(`${harness.server.origin}/6`)).toBe('it redirects more than 5 times');
  });

  it('in a circle ends, and is not tried again', async () => {
    harness.server.answer(redirectTo('/'));
    expect(await harness.fail(harness.server.origin)).toBe('it redirects more than 5 times');
    expect(harness.server.requests).toHaveLength(6);
  });

  it.each([
    ['http://10.0.0.1/', 'its host is not on the public internet'],
    ['//[::1]/', 'its host is not on the public internet'],
    ['http://localhost/', 'its host is not on the public internet'],
    ['file:///etc/passwd', 'it is not an http or https URL'],
    ['ftp://127.0.0.1/', 'it is not an http or https URL'],
    ['data:image/png;base64,iVBORw0KGgo=', 'it is not an http or https URL'],
    ['http://user:secret@127.0.0.1/', 'it contains a user name or a password'],
    ['http://8.8.8.8:22/', 'port 22 is not allowed for references'],
  ])('is checked like the URL itself: to %s', async (location, reason) => {
    harness.server.answer(redirectTo(location));
    expect(await harness.fail(harness.server.origin)).toBe(`it redirects to a URL that cannot be fetched: ${reason}`);
    expect(harness.server.requests).toHaveLength(1);
  });

  it('without a target is an answer like any other', async () => {
    harness.server.answer(redirectTo('http://['));
    expect(await harness.fail(harness.server.origin)).toBe('it redirects to something that is not a URL');
    harness.server.answer((response) => response.writeHead(302).end());
    expect(await harness.fail(harness.server.origin)).toBe('the server answered 302');
  });

  it('does not wait for the end of its body', async () => {
    harness.server.answer((response, { url }) => {
      if (url === '/new') response.end(png);
      else response.writeHead(302, { location: '/new' }).write('moved');
    });
    expect(await harness.read(harness.server.origin)).toEqual(png);
  });

  it('may lead from one scheme to the other, which is then used', async () => {
    harness.server.answer(redirectTo(`https://127.0.0.1:${harness.server.port}/`));
    expect(await harness.fail(harness.server.origin)).toBe('a secure connection to the server could not be made');
  });
});

describe('a retry', () => {
  it.each([400, 401, 403, 404, 410, 451, 204, 206, 304])('does not happen for %d', async (status) => {
    harness.server.answer((response) => response.writeHead(status).end());
    expect(await harness.fail(harness.server.origin)).toBe(`the server answered ${status}`);
    expect(harness.server.requests).toHaveLength(1);
  });

  it.each([429, 500, 502, 503, 504])('happens for %d, and brings the picture', async (status) => {
    harness.server.answer((response) =>
      harness.server.requests.length < 3 ? response.writeHead(status).end() : response.end(png),
    );
    expect(await harness.read(harness.server.origin)).toEqual(png);
    expect(harness.slept).toEqual([250, 500]);
  });

  it('happens when the connection breaks, and brings the picture', async () => {
    harness.server.answer((response) => (harness.server.requests.length < 2 ? response.destroy() : response.end(png)));
    expect(await harness.read(harness.server.origin)).toEqual(png);
  });

  it('ends after three tries', async () => {
    harness.server.answer((response) => response.writeHead(503).end());
    expect(await harness.fail(harness.server.origin)).toBe('the server answered 503');
    expect(harness.server.requests).toHaveLength(3);
  });

  it.each([
    [429, undefined],
    [503, undefined],
    [429, '120'],
    [503, '120'],
  ])('leaves what asks to come back later to the request, which waits: %i, Retry-After %s', async (status, after) => {
    harness.server.answer((response) => response.writeHead(status, after ? { 'retry-after': after } : {}).end());
    expect(await harness.fetch(harness.server.origin)).toEqual({
      kind: 'failed',
      code: 'reference_busy',
      reason: `the server answered ${status}`,
      ...(after && { retryAfterMs: 120_000 }),
    });
  });

  it('ends after three tries when nothing listens', async () => {
    const port = await withRawServer(
      () => {},
      async (free) => free,
    );
    expect(await harness.fail(`http://127.0.0.1:${port}/`)).toBe('the server refused the connection');
    expect(harness.slept).toHaveLength(2);
  });

  it('waits as long as the server asks, in seconds or until a date', async () => {
    const retryAfter = ['3', new Date(systemClock.now() + 4_000).toUTCString()];
    harness.server.answer((response) => {
      const after = retryAfter.shift();
      if (after === undefined) response.end(png);
      else response.writeHead(429, { 'retry-after': after }).end();
    });
    expect(await harness.read(harness.server.origin)).toEqual(png);
    expect(harness.slept[0]).toBe(3_000);
    expect(harness.slept[1]).toBeGreaterThan(2_000);
    expect(harness.slept[1]).toBeLessThanOrEqual(4_000);
  });

  it('does not happen when the server asks for a long pause', async () => {
    harness.server.answer((response) => response.writeHead(429, { 'retry-after': '3600' }).end());
    expect(await harness.fail(harness.server.origin)).toBe('the server answered 429');
    expect(harness.server.requests).toHaveLength(1);
  });
});

describe('an abort from outside', () => {
  const reason = new Error('The attempt was given back.');

  it('comes before anything begins', async () => {
    await expect(harness.fetch(harness.server.origin, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(harness.server.connections).toBe(0);
  });

  it.each([
    ['before the headers', () => {}],
    ['in the body', (response: ServerResponse) => void response.write(Buffer.concat([png, Buffer.alloc(300_000)]))],
  ])('leaves no file and no connection: %s', async (_, answer) => {
    const { promise: gone, resolve } = Promise.withResolvers<void>();
    harness.server.answer((response) => {
      response.on('close', resolve);
      answer(response);
    });
    const ending = new AbortController();
    const [fetched] = await Promise.allSettled([
      harness.fetch(harness.server.origin, ending.signal),
      harness.server.untilRequest().then(() => ending.abort(reason)),
    ]);
    expect(fetched).toEqual({ status: 'rejected', reason });
    await gone;
    expect(await harness.files()).toEqual([]);
  });

  it('takes effect in the pause between two tries', async () => {
    const clock = new ManualClock();
    await harness.limit({}, clock);
    harness.server.answer((response) => response.writeHead(503).end());
    const ending = new AbortController();
    const fetching = harness.fetch(harness.server.origin, ending.signal);
    await expect.poll(() => clock.sleeping).toBe(1);
    ending.abort(reason);
    await expect(fetching).rejects.toBe(reason);
    expect(clock.sleeping).toBe(0);
  });

  it('comes when the fetcher is closed, which waits until nothing runs', async () => {
    harness.server.answer((response) => response.write(Buffer.concat([png, Buffer.alloc(300_000)])));
    const fetching = harness.fetch(harness.server.origin);
    const ended = expect(fetching).rejects.toMatchObject({ name: 'AbortError' });
    await harness.server.untilRequest();
    await harness.closeFetcher();
    expect(await harness.files()).toEqual([]);
    await ended;
    await expect(harness.fetch(harness.server.origin)).rejects.toMatchObject({ name: 'AbortError' });
  });
});

it('rejects with the error of the disk when the file cannot be written', async () => {
  harness.server.answerBody(png);
  await rm(harness.folder, { recursive: true });
  await expect(harness.fetch(harness.server.origin)).rejects.toMatchObject({ code: 'ENOENT' });
});

function redirectTo(location: string): (response: ServerResponse) => void {
  return (response) => response.writeHead(302, { location }).end();
}
