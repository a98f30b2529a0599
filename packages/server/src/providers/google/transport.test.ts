import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ModelUnderTest } from '../../../test/fakes/model-under-test.ts';
import { picturePart, toAnswerBody, toErrorBody } from '../../../test/fakes/recorded-answers.ts';

let test: ModelUnderTest;
beforeEach(async () => {
  test = await ModelUnderTest.create();
});
afterEach(() => test.close());

const body = JSON.stringify(toAnswerBody([picturePart]));

describe('a compressed answer', () => {
  const compressed: readonly (readonly [string, Buffer])[] = [
    ['gzip', gzipSync(body)],
    ['x-gzip', gzipSync(body)],
    ['GZIP', gzipSync(body)],
    ['deflate', deflateSync(body)],
    ['deflate', deflateRawSync(body)],
    ['br', brotliCompressSync(body)],
    ['zstd', zstdCompressSync(body)],
    ['gzip, identity, br', brotliCompressSync(gzipSync(body))],
    ['', gzipSync(body)],
    ['gzip', Buffer.from(body)],
  ];

  it.each(compressed)('in %s is read', async (encoding, bytes) => {
    test.upstream.answer((response) => {
      response.writeHead(200, encoding === '' ? {} : { 'content-encoding': encoding });
      response.end(bytes);
    });
    expect(await test.generate()).toMatchObject({ kind: 'pictures', parts: [{ kind: 'picture' }] });
  });

  it('is read in pieces of any size', async () => {
    test.upstream.answer(async (response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      for (const byte of gzipSync(body)) await new Promise((resolve) => response.write(Uint8Array.of(byte), resolve));
      response.end();
    });
    expect(await test.generate()).toMatchObject({ kind: 'pictures' });
  });

  it.each([
    ['gzip', gzipSync(body).subarray(0, -20), 'upstream_connection_lost'],
    ['br', brotliCompressSync(body).subarray(0, -20), 'upstream_connection_lost'],
    ['zstd', zstdCompressSync(body).subarray(0, -20), 'upstream_connection_lost'],
    ['gzip', Buffer.from(gzipSync(body).fill(0xff, 12, 40)), 'upstream_answer_invalid'],
    ['br', Buffer.alloc(40, 0xff), 'upstream_answer_invalid'],
    ['zstd', Buffer.alloc(40, 0xff), 'upstream_answer_invalid'],
    ['compress', gzipSync(body), 'upstream_answer_invalid'],
  ])('in %s that is cut or damaged is recognized', async (encoding, bytes, code) => {
    test.upstream.answer((response) => response.writeHead(200, { 'content-encoding': encoding }).end(bytes));
    expect(await test.generate()).toMatchObject({ kind: 'failed', failure: { code }, isPossiblyBilled: true });
  });

  it('that breaks off is a broken connection', async () => {
    const half = gzipSync(body).subarray(0, 60);
    test.upstream.answer((response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).write(half, () => response.destroy()),
    );
    expect(await test.generate()).toMatchObject({ failure: { code: 'upstream_connection_lost' } });
  });

  it.each([
    ['white space', ' '],
    ['base64', 'A'],
  ])('that would be endless %s is abandoned at its limits, before it fills the memory', async (_what, filling) => {
    const open = '{"candidates":[{"content":{"parts":[{"inlineData":{"data":"';
    const bomb = gzipSync((filling === ' ' ? '' : open) + filling.repeat(120_000_000));
    test.upstream.answer((response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb));
    const before = process.memoryUsage().rss;
    expect(await test.generate()).toMatchObject({ failure: { code: 'upstream_answer_invalid' } });
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
  });

  it('of an error is read, and bounded', async () => {
    const error = JSON.stringify(toErrorBody(400, 'INVALID_ARGUMENT', 'Image size 3K is not supported.'));
    test.upstream.answer((response) =>
      response.writeHead(400, { 'content-encoding': 'br' }).end(brotliCompressSync(error)),
    );
    expect(await test.generate()).toMatchObject({ failure: { upstreamMessage: 'Image size 3K is not supported.' } });
    const bomb = gzipSync(Buffer.alloc(20_000_000, 'x'));
    test.upstream.answer((response) => response.writeHead(503, { 'content-encoding': 'gzip' }).end(bomb));
    expect(await test.generate()).toMatchObject({ failure: { code: 'upstream_overloaded' } });
    test.upstream.answer((response) => response.writeHead(503, { 'content-encoding': 'br' }).end('no brotli'));
    expect(await test.generate()).toMatchObject({ failure: { code: 'upstream_overloaded' } });
  });
});

describe('the connection', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  /** A server that answers every request as `answer` does, with bytes. */
  async function listen(answer: (socket: Socket, received: string) => void, server = createServer()): Promise<string> {
    servers.push(server);
    server.on('connection', (socket: Socket) => {
      let received = '';
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        received += chunk;
        answer(socket, received);
        if (received.endsWith('}')) received = '';
      });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  }

  const answer = `HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

  it.each([
    ['100 Continue', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['102 Processing', 'HTTP/1.1 102 Processing\r\nX-Step: 1\r\n\r\n'],
    ['103 Early Hints', 'HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n'],
    ['several of them', 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n'],
  ])('skips %s that the client did not ask for, at once or while the call is under way', async (_name, interim) => {
    let connections = new Set<Socket>();
    for (const isEarly of [true, false]) {
      connections = new Set();
      const begun = new WeakSet<Socket>();
      const url = await listen((socket, received) => {
        connections.add(socket);
        if (isEarly && !begun.has(socket)) socket.write(interim);
        begun.add(socket);
        if (received.endsWith('}')) socket.write(isEarly ? answer : interim + answer);
      });
      const model = await ModelUnderTest.create({ baseUrl: url });
      expect(await model.generate()).toMatchObject({ kind: 'pictures' });
      expect(await model.generate()).toMatchObject({ kind: 'pictures' });
      expect(connections.size).toBe(1);
      await model.close();
    }
  });

  it('accepts an answer that comes before the request is out, and sends no more of it', async () => {
    const url = await listen((socket) => {
      if (socket.bytesRead < 100_000)
        socket.end('HTTP/1.1 429 Too Many Requests\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    });
    const model = await ModelUnderTest.create({ baseUrl: url });
    const turns = [{ role: 'user', parts: [{ kind: 'text', text: 'x'.repeat(50_000_000) }] }] as const;
    expect(await model.generate({ turns })).toMatchObject({ failure: { code: 'upstream_overloaded' } });
    await model.close();
  });

  it('that is not established in time has sent nothing', async () => {
    // A TLS handshake that gets no answer.
    const server = createServer((socket) => socket.on('error', () => {}));
    const url = await listen(() => {}, server);
    const limits = { connectTimeoutMs: 100 };
    const model = await ModelUnderTest.create({ baseUrl: url.replace('http:', 'https:'), limits });
    const failure = { code: 'upstream_unreachable', message: expect.stringContaining('ETIMEDOUT') };
    expect(await model.generate()).toMatchObject({ failure, isPossiblyBilled: false });
    await model.close();
  });

  it('with an invalid certificate has sent nothing', async () => {
    const server = createTlsServer({});
    const url = await listen(() => {}, server);
    const model = await ModelUnderTest.create({ baseUrl: url.replace('http:', 'https:') });
    expect(await model.generate()).toMatchObject({
      failure: { code: 'upstream_unreachable' },
      isPossiblyBilled: false,
    });
    await model.close();
  });
});
