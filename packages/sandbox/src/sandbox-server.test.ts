import { once } from 'node:events';
import { mkdtemp, readdir, rmdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstTake } from '@darkroom/illustrator';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import {
  drawFlat,
  nothing,
  proPath,
  readAnswer,
  readError,
  readParts,
  startSandbox,
  toPictures,
  toRequest,
} from '../test/sandbox-harness.ts';
import { createSandboxServer } from './sandbox-server.ts';
import { verify } from './signatures.ts';

it('answers with the shape, the header and the exact pixels of the upstream', async () => {
  const sandbox = await startSandbox();
  const response = await sandbox.post(toRequest('a red fox', { aspectRatio: '16:9', imageSize: '2K' }));
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/json; charset=UTF-8');
  expect(response.headers.get('x-gemini-service-tier')).toBe('standard');
  const answer = await readAnswer(response);
  expect(answer).toMatchObject({
    candidates: [{ content: { role: 'model' }, finishReason: 'STOP', index: 0 }],
    modelVersion: 'gemini-3-pro-image',
    responseId: expect.stringMatching(/^[\w-]{23}$/),
  });
  const [said, drawn, ...more] = answer.candidates?.[0]?.content?.parts ?? [];
  expect(more).toEqual([]);
  expect(said).toEqual({ text: 'Here is the picture you asked for.', thoughtSignature: expect.any(String) });
  expect(drawn).toMatchObject({ inlineData: { mimeType: 'image/jpeg' }, thoughtSignature: expect.any(String) });
  const [picture] = toPictures(drawn ? [drawn] : []);
  expect(await sharp(picture).metadata()).toMatchObject({ format: 'jpeg', width: 2752, height: 1536 });
  expect(sandbox.orders).toEqual([
    {
      prompt: 'a red fox',
      edits: [],
      references: [],
      take: firstTake,
      pixels: { width: 2752, height: 1536 },
      format: 'jpeg',
    },
  ]);
});

it('draws with its own illustrator by default', async () => {
  const spoolFolder = await mkdtemp(join(tmpdir(), 'sandbox-'));
  const server = createSandboxServer({ host: '127.0.0.1', port: 0, spoolFolder });
  await server.start();
  const body = JSON.stringify(toRequest('a red fox [[sandbox size=640x480]]'));
  const [picture] = toPictures(await readParts(await fetch(`${server.url}${proPath}?key=k`, { method: 'POST', body })));
  await server.stop();
  expect(await sharp(picture).metadata()).toMatchObject({ format: 'jpeg', width: 640, height: 480 });
  expect(await readdir(spoolFolder)).toEqual([]);
  await rmdir(spoolFolder);
});

it('chooses the ratio when none is asked for: that of the last picture of the call, or 1:1', async () => {
  const sandbox = await startSandbox();
  const toBody = async (...sizes: readonly (readonly [width: number, height: number])[]) => {
    const pictures = sizes.map(([width, height]) =>
      sharp({ create: { width, height, channels: 3, background: '#283' } })
        .png()
        .toBuffer(),
    );
    const parts = (await Promise.all(pictures)).map((bytes) => ({
      inlineData: { mimeType: 'image/png', data: bytes.toString('base64') },
    }));
    return { ...toRequest('a red fox'), contents: [{ role: 'user', parts: [{ text: 'a red fox' }, ...parts] }] };
  };
  await sandbox.post(await toBody());
  await sandbox.post(await toBody([30, 90], [310, 200]));
  await sandbox.post(await toBody([310, 200], [90, 210]));
  expect(sandbox.orders.map(({ pixels }) => pixels)).toEqual([
    { width: 1024, height: 1024 },
    { width: 1264, height: 848 },
    { width: 768, height: 1376 },
  ]);
});

it.each([
  ['gemini-3-pro-image', '21:9', '1K', 1584, 672],
  ['gemini-nano-banana-2.1', '1:8', '2K', 704, 5856],
])('draws %s at %s %s in the size of its table', async (model, aspectRatio, imageSize, width, height) => {
  const sandbox = await startSandbox();
  const path = `/v1beta/models/${model}:generateContent`;
  const [picture] = toPictures(
    await readParts(await sandbox.post(toRequest('x', { aspectRatio, imageSize }), { path })),
  );
  expect(await sharp(picture).metadata()).toMatchObject({ width, height });
});

it('counts tokens that add up, including references and sizes', async () => {
  const sandbox = await startSandbox();
  const data = (await drawFlat({ ...nothing, pixels: { width: 8, height: 8 } })).toString('base64');
  const { usageMetadata } = await readAnswer(
    await sandbox.post({
      contents: [{ parts: [{ text: 'twelve chars' }, { inline_data: { mime_type: 'image/jpeg', data } }] }],
      generation_config: { response_modalities: ['IMAGE'], image_config: { image_size: '4K' } },
    }),
  );
  expect(usageMetadata).toEqual({
    promptTokenCount: 563,
    promptTokensDetails: [
      { modality: 'TEXT', tokenCount: 3 },
      { modality: 'IMAGE', tokenCount: 560 },
    ],
    candidatesTokenCount: 2000,
    candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: 2000 }],
    thoughtsTokenCount: 241,
    totalTokenCount: 563 + 2000 + 241,
    serviceTier: 'standard',
  });
});

it('signs each part so that its signature verifies for its bytes and no others', async () => {
  const sandbox = await startSandbox();
  const [said, drawn] = await readParts(await sandbox.ask('a boat'));
  const picture = Buffer.from(drawn?.inlineData?.data ?? '', 'base64');
  expect(drawn?.thoughtSignature).toHaveLength(4096);
  expect(await verify(inPieces(drawn?.thoughtSignature), inPieces(picture))).toEqual(firstTake);
  expect(await verify(inPieces(said?.thoughtSignature), inPieces(said?.text))).toEqual(firstTake);
  expect(await verify(inPieces(said?.thoughtSignature), inPieces(picture))).toBeUndefined();
});

it('sends only text when responseModalities is left out', async () => {
  const sandbox = await startSandbox();
  const parts = await readParts(await sandbox.post({ contents: { parts: { text: 'a boat' } } }));
  expect(parts).toEqual([
    { text: expect.stringContaining('responseModalities'), thoughtSignature: expect.any(String) },
  ]);
  expect(sandbox.orders).toEqual([]);
});

it('sends no text when only an image is requested', async () => {
  const sandbox = await startSandbox();
  const body = { contents: [{ parts: [{ text: 'x' }] }], generationConfig: { responseModalities: ['IMAGE'] } };
  const parts = await readParts(await sandbox.post(body));
  expect(parts.map((part) => Object.keys(part))).toEqual([['inlineData', 'thoughtSignature']]);
});

it('sends thoughts if includeThoughts is set, and names the requested tier', async () => {
  const sandbox = await startSandbox();
  const response = await sandbox.post({
    contents: [{ parts: [{ text: 'x' }] }],
    generationConfig: { responseModalities: ['IMAGE'], thinkingConfig: { includeThoughts: true } },
    serviceTier: 'flex',
  });
  expect(response.headers.get('x-gemini-service-tier')).toBe('flex');
  expect((await readParts(response)).map(({ thought }) => thought)).toEqual([true, true, undefined]);
});

it('accepts any key in the header or the query, but requires one', async () => {
  const sandbox = await startSandbox();
  expect((await sandbox.ask('x', { headers: {}, path: `${proPath}?key=some` })).status).toBe(200);
  const refused = await sandbox.ask('x', { headers: {} });
  expect(refused.status).toBe(403);
  expect(await readError(refused)).toMatchObject({
    status: 'PERMISSION_DENIED',
    message: expect.stringMatching(/^Method doesn't allow unregistered callers/),
  });
});

it('refuses a wrong key with 400, as the upstream does', async () => {
  const sandbox = await startSandbox({ apiKey: 'right' });
  expect((await sandbox.ask('x', { headers: { 'x-goog-api-key': 'right' } })).status).toBe(200);
  const refused = await sandbox.ask('x', { headers: { 'x-goog-api-key': 'wrong' } });
  expect(refused.status).toBe(400);
  expect(await readError(refused)).toMatchObject({
    code: 400,
    message: 'API key not valid. Please pass a valid API key.',
    status: 'INVALID_ARGUMENT',
    details: [{ reason: 'API_KEY_INVALID', domain: 'googleapis.com' }, { locale: 'en-US' }],
  });
});

it('lists its models and describes one', async () => {
  const sandbox = await startSandbox();
  const { models } = (await (await sandbox.get('/v1beta/models?pageSize=10')).json()) as { models: { name: string }[] };
  expect(models.map(({ name }) => name)).toEqual([
    'models/gemini-3-pro-image',
    'models/gemini-nano-banana-2.1',
    'models/gemini-3.1-flash-image',
    'models/gemini-3.1-flash-lite-image',
  ]);
  const model = await (await sandbox.get('/v1/models/gemini-3-pro-image')).json();
  expect(model).toEqual(models[0]);
  expect(model).toMatchObject({ supportedGenerationMethods: ['generateContent'], inputTokenLimit: 65_536 });
});

it.each([
  [
    '/v1beta/models/gemini-3-pro-image-preview:generateContent',
    /^This model models\/gemini-3-pro-image-preview is no longer available/,
  ],
  [
    '/v1beta/models/gemini-9:generateContent',
    /^models\/gemini-9 is not found for API version v1beta, or is not supported/,
  ],
  ['/v2/models/gemini-3-pro-image:generateContent', /^models\/gemini-3-pro-image is not found for API version v2,/],
  ['/v1beta/models/gemini-3-pro-image:streamGenerateContent', /^Method not found/],
  ['/', /^Method not found/],
  ['//', /^Method not found/],
])('answers 404 in the upstream’s words: %s', async (path, message) => {
  const sandbox = await startSandbox();
  const response = await sandbox.ask('x', { path });
  expect(response.status).toBe(404);
  expect(await readError(response)).toEqual({
    code: 404,
    message: expect.stringMatching(message),
    status: 'NOT_FOUND',
  });
});

it('counts its calls by how they ended, and how often a prompt was used', async () => {
  const sandbox = await startSandbox();
  await (await sandbox.ask('a boat')).text();
  await (await sandbox.ask('a boat')).text();
  await (await sandbox.ask('[[sandbox status=503]]')).text();
  await (await sandbox.ask('[[sandbox reset]]')).text().catch(() => {});
  await (await sandbox.get('/v1beta/models')).text();
  const calls = await (await sandbox.get(`/sandbox/calls?prompt=${encodeURIComponent('a boat')}`)).json();
  expect(calls).toEqual({ total: 4, inFlight: 0, byResult: { 200: 2, 503: 1, closed: 1 }, ofPrompt: 2 });
  expect(sandbox.server.calls).toMatchObject({ total: 4, inFlight: 0 });
});

it('keeps no files of calls that have ended', async () => {
  const sandbox = await startSandbox();
  const data = (await drawFlat({ ...nothing, pixels: { width: 8, height: 8 } })).toString('base64');
  const parts = [{ text: 'x' }, { inlineData: { mimeType: 'image/jpeg', data }, thoughtSignature: 'A'.repeat(1e6) }];
  const response = await sandbox.post({ contents: [{ parts }], generationConfig: { responseModalities: ['IMAGE'] } });
  expect(await readParts(response)).toHaveLength(1);
  expect((await sandbox.post({ contents: [{ parts: [...parts, {}] }] })).status).toBe(400);
  expect(await sandbox.spooled()).toEqual([]);
});

it('keeps running when a caller leaves during its body, its wait or its answer', async () => {
  const sandbox = await startSandbox();
  const half = connect({ port: Number(new URL(sandbox.server.url).port), host: '127.0.0.1' });
  half.write(
    `POST ${proPath} HTTP/1.1\r\nhost: x\r\nx-goog-api-key: k\r\ncontent-length: 1000\r\n\r\n{"contents":[{"parts":[{"data":"AAAA`,
  );
  await expect.poll(() => sandbox.server.calls.inFlight).toBe(1);
  half.destroy();
  await expect.poll(() => sandbox.server.calls.byResult).toEqual({ closed: 1 });

  const leaving = new AbortController();
  const waiting = sandbox.ask('[[sandbox hang]]', { signal: leaving.signal });
  await expect.poll(() => sandbox.server.calls.inFlight).toBe(1);
  leaving.abort();
  await expect(waiting).rejects.toThrow();
  await expect.poll(() => sandbox.server.calls.byResult).toEqual({ closed: 2 });

  const reading = await sandbox.ask('[[sandbox bytes=50MB]]');
  await reading.body?.cancel();
  await expect.poll(() => sandbox.server.calls.byResult).toEqual({ closed: 3 });
  expect(await sandbox.spooled()).toEqual([]);
  expect((await sandbox.ask('still there?')).status).toBe(200);
});

it('notices when a plain socket closes while a call hangs', async () => {
  const sandbox = await startSandbox();
  const body = JSON.stringify(toRequest('[[sandbox hang]]'));
  const socket = connect({ port: Number(new URL(sandbox.server.url).port), host: '127.0.0.1' });
  socket.write(
    `POST ${proPath} HTTP/1.1\r\nhost: x\r\nx-goog-api-key: k\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  await expect.poll(() => sandbox.server.calls.inFlight).toBe(1);
  socket.destroy();
  await expect.poll(() => sandbox.server.calls.byResult).toEqual({ closed: 1 });
});

it('ends calls that hang or wait when it stops, and stops only once', async () => {
  const sandbox = await startSandbox();
  const calls = [sandbox.ask('[[sandbox hang]]'), sandbox.ask('[[sandbox delay=1m]]')];
  const ended = Promise.allSettled(calls);
  await expect.poll(() => sandbox.server.calls.inFlight).toBe(2);
  await Promise.all([sandbox.server.stop(), sandbox.server.stop()]);
  expect((await ended).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(sandbox.server.calls.byResult).toEqual({ closed: 2 });
  expect(sandbox.sleeps.count).toBe(0);
});

it('rejects start when the port is in use', async () => {
  const sandbox = await startSandbox();
  const port = Number(new URL(sandbox.server.url).port);
  await expect(startSandbox({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

it('draws two pictures at a time, and none for callers who have left the queue', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const drawn: string[] = [];
  const sandbox = await startSandbox({
    illustrate: async (order) => {
      drawn.push(order.prompt);
      await promise;
      return drawFlat(order);
    },
  });
  const calls = [sandbox.ask('a'), sandbox.ask('b')];
  await expect.poll(() => drawn.length).toBe(2);
  const leaving = new AbortController();
  const left = sandbox.ask('c', { signal: leaving.signal });
  await expect.poll(() => sandbox.server.calls.inFlight).toBe(3);
  const last = sandbox.ask('d');
  await expect.poll(() => sandbox.server.calls.inFlight).toBe(4);
  leaving.abort();
  await expect(left).rejects.toThrow();
  resolve();
  expect((await Promise.all([...calls, last])).map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(drawn.toSorted()).toEqual(['a', 'b', 'd']);
});

it('answers 500 when the illustrator fails, and keeps running', async () => {
  let isBroken = true;
  const sandbox = await startSandbox({
    illustrate: (order) => (isBroken ? Promise.reject(new Error('out of ink')) : drawFlat(order)),
  });
  const failed = await sandbox.ask('x');
  expect(failed.status).toBe(500);
  expect(await readError(failed)).toEqual({ code: 500, message: 'Internal error encountered.', status: 'INTERNAL' });
  isBroken = false;
  expect((await sandbox.ask('x')).status).toBe(200);
});

it('answers on the same connection again after it has refused a body half-way', async () => {
  const sandbox = await startSandbox();
  const port = Number(new URL(sandbox.server.url).port);
  const socket = connect({ port, host: '127.0.0.1' });
  const bad = `{"contents":[}${' '.repeat(300_000)}`;
  socket.write(
    `POST ${proPath} HTTP/1.1\r\nhost: x\r\nx-goog-api-key: k\r\ncontent-length: ${bad.length}\r\n\r\n${bad}`,
  );
  socket.write('GET /v1beta/models/gemini-3-pro-image?key=k HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
  let heard = '';
  socket.on('data', (data) => {
    heard += data;
  });
  await once(socket, 'close');
  expect(heard.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 400', 'HTTP/1.1 200']);
});

async function* inPieces(bytes: string | Buffer | undefined): AsyncGenerator<Uint8Array> {
  const whole = Buffer.from(bytes ?? '');
  for (let at = 0; at < whole.length; at += 1000) yield whole.subarray(at, at + 1000);
}
