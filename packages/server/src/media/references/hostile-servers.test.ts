import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FetcherHarness, withRawServer } from '../../../test/fakes/fetcher-harness.ts';

const picture = sharp({ create: { width: 8, height: 8, channels: 3, background: 'teal' } });
const png = await picture.clone().png().toBuffer();
const tooLarge = 'it is larger than 7 MB';
const taken = 'not a PNG, JPEG, WebP, HEIC, HEIF, GIF, BMP, TIFF or AVIF picture';
const takes = `${taken}: convert it to PNG or JPEG`;

let harness: FetcherHarness;

beforeEach(async () => {
  harness = await FetcherHarness.start();
});

afterEach(async () => {
  await harness.close();
});

describe('what is no picture', () => {
  it.each([
    ['<!DOCTYPE html><html><svg></svg></html>', `it is an HTML page, ${takes}`],
    ['\ufeff\n <!-- hi --><html>', `it is an HTML page, ${takes}`],
    ['<svg xmlns="http://www.w3.org/2000/svg"/>', `it is an SVG drawing, ${takes}`],
    ['<?xml version="1.0"?>\n<!-- made by hand --><svg/>', `it is an SVG drawing, ${takes}`],
    ['<?xml version="1.0"?><feed/>', `it is an XML document, ${takes}`],
    ['<!-- -->'.repeat(2_000), `it is text with markup, ${takes}`],
    ['{"error":"not found"}', `it is a JSON document, ${takes}`],
    ['%PDF-1.7', `it is a PDF document, ${takes}`],
    ['PK\x03\x04', `it is an archive, ${takes}`],
    ['\0\0\0\x18ftypisom\0\0\0\0mp42', `it is a video, ${takes}`],
    ['I am no picture', `it is ${taken}`],
    ['', 'it is empty'],
  ])('is told what it is, whatever it is called: %#', async (body, reason) => {
    harness.server.answerBody(body, { 'content-type': 'image/png' });
    expect(await harness.fail(`${harness.server.origin}/cat.png`)).toBe(reason);
    expect(harness.server.requests).toHaveLength(1);
  });

  it('is abandoned as soon as that is clear', async () => {
    const { promise: left, resolve } = Promise.withResolvers<void>();
    harness.server.answer((response) => {
      response.write('<html>'.padEnd(256 * 1024));
      response.on('close', resolve);
    });
    expect(await harness.fail(harness.server.origin)).toBe(`it is an HTML page, ${takes}`);
    await left;
  });
});

describe('a body without limits', () => {
  it('is refused for its declared length, before it is read', async () => {
    harness.server.answer((response) => response.writeHead(200, { 'content-length': '99999999999' }).write(png));
    expect(await harness.fail(harness.server.origin)).toBe(tooLarge);
  });

  it('is refused when it never ends', async () => {
    harness.server.answer((response) => void pour(response, Buffer.concat([png, Buffer.alloc(64 * 1024)])));
    expect(await harness.fail(harness.server.origin)).toBe(tooLarge);
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', compressWithBrotli],
  ])('is refused for what it becomes: a bomb of %s', async (encoding, compress) => {
    const bomb = compress(Buffer.concat([png, Buffer.alloc(64 * 1024 ** 2)]));
    expect(bomb.length).toBeLessThan(100_000);
    harness.server.answerBody(bomb, { 'content-encoding': encoding });
    expect(await harness.fail(harness.server.origin)).toBe(tooLarge);
    expect(harness.server.requests).toHaveLength(1);
  });

  it('is refused when it continues without producing anything', async () => {
    // Empty members of gzip, one after the other.
    const nothing = Buffer.concat(Array.from({ length: 3_000 }, () => gzipSync('')));
    harness.server.answer((response) => void pour(response.writeHead(200, { 'content-encoding': 'gzip' }), nothing));
    expect(await harness.fail(harness.server.origin)).toBe(tooLarge);
  });
});

describe('a body that is broken', () => {
  it.each(['gzip', 'deflate', 'br'])('is refused when it is not %s', async (encoding) => {
    harness.server.answerBody(Buffer.alloc(4096, 0xff), { 'content-encoding': encoding });
    expect(await harness.fail(harness.server.origin)).toBe('it cannot be decompressed');
  });

  it('is refused when its compression ends early', async () => {
    harness.server.answerBody(gzipSync(png).subarray(0, -12), { 'content-encoding': 'gzip' });
    expect(await harness.fail(harness.server.origin)).toBe('it cannot be decompressed');
  });

  it.each(['zstd', 'gzip, br', 'compress'])('is refused when it is compressed in another way: %s', async (encoding) => {
    harness.server.answerBody(png, { 'content-encoding': encoding });
    expect(await harness.fail(harness.server.origin)).toBe('the server used a compression that was not asked for');
  });

  it('is tried again, and then refused, when it is shorter than declared', async () => {
    harness.server.answer((response) => {
      response.writeHead(200, { 'content-length': '1000000' });
      response.write(png, () => response.destroy());
    });
    expect(await harness.fail(harness.server.origin)).toBe('the connection to the server broke');
    expect(harness.server.requests).toHaveLength(3);
  });

  it('is tried again, and then refused, when its chunks end early', async () => {
    harness.server.answer((response) => void response.write(png, () => response.destroy()));
    expect(await harness.fail(harness.server.origin)).toBe('the connection to the server broke');
    expect(harness.server.requests).toHaveLength(3);
  });
});

describe('a slow server', () => {
  it('may not take longer than the total time, however steadily it sends', async () => {
    await harness.limit({ totalMs: 300 });
    harness.server.answer((response) => {
      const drip = setInterval(() => response.write('\x89'), 20);
      response.on('close', () => clearInterval(drip));
    });
    expect(await harness.fail(harness.server.origin)).toBe('it took longer than 0.3 seconds');
    expect(harness.server.requests).toHaveLength(1);
  });

  it('may not hang: in its handshake, before its headers, in its body', async () => {
    // All at the same time, because the client's timers have a resolution of one second.
    await harness.limit({ connectMs: 50, stallMs: 50, maxTries: 1 });
    harness.server.answer((response, { url }) => {
      if (url === '/body') response.writeHead(200).write(png);
    });
    const fetched = await withRawServer(
      () => {},
      (port) =>
        Promise.all([
          harness.fetch(`https://127.0.0.1:${port}/`),
          harness.fetch(`${harness.server.origin}/headers`),
          harness.fetch(`${harness.server.origin}/body`),
        ]),
    );
    expect(fetched).toEqual([
      { kind: 'failed', reason: 'the server could not be reached' },
      { kind: 'failed', reason: 'the server stopped answering' },
      { kind: 'failed', reason: 'the server stopped answering' },
    ]);
    expect(await harness.files()).toEqual([]);
  });
});

describe('a server that speaks strangely', () => {
  it.each([
    ['SSH-2.0-OpenSSH_9.6\r\n', 'the server does not speak HTTP'],
    [`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, 'the server sent too many headers'],
    ['HTTP/1.1 200 OK\r\nno header\r\n\r\n', 'the server does not speak HTTP'],
  ])('is not tried again: %#', async (answer, reason) => {
    let connections = 0;
    await withRawServer(
      (socket) => {
        connections += 1;
        socket.end(answer);
      },
      async (port) => {
        expect(await harness.fail(`http://127.0.0.1:${port}/`)).toBe(reason);
        expect(connections).toBe(1);
      },
    );
  });
});

/** At its highest quality, one bomb takes a second to make. */
function compressWithBrotli(bytes: Buffer): Buffer {
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } });
}

/** Writes the chunk again and again, as long as the other side reads. */
async function pour(response: ServerResponse, chunk: Buffer): Promise<void> {
  await pipeline(Readable.from(repeat(chunk)), response).catch(() => {});
}

function* repeat(chunk: Buffer): Generator<Buffer> {
  for (;;) yield chunk;
}
