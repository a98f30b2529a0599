import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { useApp } from '../../../test/app-harness.ts';
import { createGeminiWire } from './gemini-wire.ts';

let spoolFolder: string;
beforeEach(() => {
  spoolFolder = mkdtempSync(path.join(os.tmpdir(), 'darkroom-chunks-'));
});
afterEach(() => rmSync(spoolFolder, { recursive: true }));

const app = useApp({
  wires: (ports) => [createGeminiWire({ ...ports, uploadSecret: 'secret', spoolFolder })],
});
const model = '/v1beta/models/gemini-3-pro-image';

const post = (url: string, payload: object | Buffer, headers: Record<string, string> = {}, as?: string) =>
  app.current.call({ method: 'POST', url, payload, headers }, as);

describe('the key', () => {
  it('comes by the header of Google, by the query, or as a bearer', async () => {
    const { key } = app.current;
    const calls = [
      app.current.call({ url: '/v1/models', headers: { 'x-goog-api-key': key } }, ''),
      app.current.call({ url: `/v1/models?key=${key}` }, ''),
      app.current.call({ url: '/v1beta/models' }),
    ];
    for (const reply of await Promise.all(calls)) expect(reply.json().models[0].name).toMatch(/^models\//);
  });

  it('that is missing or wrong is refused in Google’s format', async () => {
    const reply = await app.current.call({ url: '/v1beta/models' }, '');
    expect(reply.statusCode).toBe(401);
    expect(reply.json().error).toMatchObject({ code: 401, status: 'UNAUTHENTICATED', details: expect.any(Array) });
  });
});

describe('a refusal', () => {
  it('names the field as the client wrote it', async () => {
    const generationConfig = { candidateCount: 99, imageConfig: { aspectRatio: '7:1' } };
    const { error } = (await post(`${model}:generateContent`, { contents: 'a fox', generationConfig })).json();
    expect(error).toMatchObject({ code: 400, status: 'INVALID_ARGUMENT' });
    const fields = error.details.flatMap(({ fieldViolations = [] }) =>
      fieldViolations.map(({ field }: Field) => field),
    );
    expect(fields.sort()).toEqual(['generationConfig.candidateCount', 'generationConfig.imageConfig.aspectRatio']);
  });

  it('of a picture says which part has it', async () => {
    const contents = [{ parts: [{ text: 'a fox' }, { inline_data: { data: '!' } }] }];
    const { error } = (await post(`${model}:generateContent`, { contents })).json();
    expect(error.message).toMatch(/^contents\[0\].parts\[1\].inlineData.data /);
  });

  it('lists the models and the methods that there are', async () => {
    const unknown = (await post('/v1beta/models/imagen-9:generateContent', { contents: 'a' })).json();
    expect(unknown.error).toMatchObject({
      code: 404,
      status: 'NOT_FOUND',
      message: expect.stringMatching(/Available models: /),
    });
    const method = (await post(`${model}:embedContent`, {})).json();
    expect(method.error.message).toContain('generateContent, streamGenerateContent');
  });

  it('of predict names its parameters', async () => {
    const body = { instances: [{ prompt: 'a' }], parameters: { negativePrompt: 'b', personGeneration: 'dont_allow' } };
    const { error } = (await post(`${model}:predict`, body)).json();
    expect(error.message).toContain('parameters.negativePrompt');
    expect(error.message).toContain('parameters.personGeneration');
    const many = { instances: [{ prompt: 'a' }], parameters: { sampleCount: 99 } };
    const { message } = (await post(`${model}:predict`, many)).json().error;
    expect(message).toContain('parameters.sampleCount must be a whole number');
  });
});

interface Field {
  readonly field: string;
}

describe('a key that has as many open calls as it may have', () => {
  const busy = useApp({
    wires: (ports) => [createGeminiWire({ ...ports, uploadSecret: 'secret', spoolFolder })],
    maxStreams: 0,
  });

  it('may count tokens, and no query makes another call look like that', async () => {
    const ask = (method: string) =>
      busy.current.call({ method: 'POST', url: `${model}:${method}`, payload: { contents: 'a fox' } });
    expect((await ask('countTokens')).statusCode).toBe(200);
    for (const method of ['generateContent', 'generateContent?a=:countTokens', 'predict?:countTokens'])
      expect((await ask(method)).statusCode).toBe(429);
  });
});

it('counts tokens by itself', async () => {
  const parts = [{ text: 'twelve bytes' }, { inlineData: { data: 'aaaa' } }];
  const counted = (await post(`${model}:countTokens`, { contents: [{ parts }] })).json();
  expect(counted.promptTokensDetails[0]).toEqual({ modality: 'TEXT', tokenCount: 3 });
  expect(counted.totalTokens).toBeGreaterThan(3);
});

describe('an upload', () => {
  const png = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')], 64);
  const start = (headers: Record<string, string> = {}) =>
    post(
      '/upload/v1beta/files',
      { file: { display_name: 'A fox' } },
      { 'x-goog-upload-protocol': 'resumable', 'x-goog-upload-command': 'start', ...headers },
    );
  const begin = async () =>
    new URL(String((await start()).headers['x-goog-upload-url'])).href.replace(/^http:\/\/[^/]+/, '');
  const send = (url: string, bytes: Buffer, command: string, offset: number) =>
    post(url, bytes, { 'x-goog-upload-command': command, 'x-goog-upload-offset': String(offset) }, '');

  it('comes in several chunks, of which one may come again, and is known to its organization alone', async () => {
    const url = await begin();
    const first = await send(url, png.subarray(0, 40), 'upload', 0);
    expect(first.headers).toMatchObject({ 'x-goog-upload-status': 'active', 'x-goog-upload-size-received': '40' });
    const wrong = await send(url, png.subarray(0, 40), 'upload', 0);
    expect(wrong.json().error.message).toContain('has 40 bytes of the upload');
    const last = await send(url, png.subarray(40), 'upload, finalize', 40);
    expect(last.headers['x-goog-upload-status']).toBe('final');
    const { file } = last.json();
    expect(file).toMatchObject({ displayName: 'A fox', mimeType: 'image/png', sizeBytes: '64', state: 'ACTIVE' });
    expect((await app.current.call({ url: `/v1beta/${file.name}` })).json().uri).toBe(file.uri);
    const other = (await app.current.admin('POST', '/keys', { name: 'b', organization_ids: ['org-b'] })).json();
    expect((await app.current.call({ url: `/v1beta/${file.name}` }, other.api_key)).statusCode).toBe(404);
  });

  it('takes no more of the disk than its picture may have, however many chunks break off', async () => {
    const url = await begin();
    expect((await send(url, png.subarray(0, 40), 'upload', 0)).statusCode).toBe(200);
    for (let tries = 0; tries < 3; tries++)
      expect((await send(url, Buffer.alloc(8_000_000), 'upload', 40)).statusCode).toBe(413);
    const sizes = readdirSync(spoolFolder).map((name) => statSync(path.join(spoolFolder, name)).size);
    expect([sizes.length, sizes.every((size) => size <= 7 * 2 ** 20)]).toEqual([1, true]);
    const last = await send(url, png.subarray(40), 'upload, finalize', 40);
    expect(last.json().file).toMatchObject({ mimeType: 'image/png', sizeBytes: '64' });
    expect(readdirSync(spoolFolder)).toEqual([]);
  });

  it('in chunks is one of ten that a key may have under way, and leaves room for others', async () => {
    const other = (await app.current.admin('POST', '/keys', { name: 'b', organization_ids: ['org-b'] })).json();
    const theirs = await start({ authorization: `Bearer ${other.api_key}` });
    const statuses = [];
    for (let count = 0; count < 11; count++)
      statuses.push((await send(await begin(), png.subarray(0, 40), 'upload', 0)).statusCode);
    expect(statuses).toEqual([...Array(10).fill(200), 503]);
    const url = String(theirs.headers['x-goog-upload-url']).replace(/^http:\/\/[^/]+/, '');
    expect((await send(url, png.subarray(0, 40), 'upload', 0)).statusCode).toBe(200);
    // Those that nobody has gone on with are forgotten when their time is over.
    app.current.clock.advance(3_600_001);
    expect((await send(await begin(), png.subarray(0, 40), 'upload', 0)).statusCode).toBe(200);
    expect(readdirSync(spoolFolder)).toHaveLength(1);
  });

  it('is refused when its address was not given out, is too late, or the file is too large or no picture', async () => {
    const url = await begin();
    for (const wrong of [`${url}x`, `${url}&upload_id=a`, url.replace(/\?.*/, '')])
      expect((await send(wrong, png, 'upload, finalize', 0)).statusCode).toBe(401);
    expect((await send(url, Buffer.from('text'), 'upload, finalize', 0)).statusCode).toBe(400);
    app.current.clock.advance(3_600_001);
    expect((await send(url, png, 'upload, finalize', 0)).statusCode).toBe(401);
    expect((await start({ 'x-goog-upload-header-content-length': '8000000' })).statusCode).toBe(413);
    expect((await app.current.call({ method: 'DELETE', url: '/v1beta/files/a' })).statusCode).toBe(404);
  });
});
