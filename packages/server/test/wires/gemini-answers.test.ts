import { GoogleGenAI } from '@google/genai';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from '../start-server.ts';
import { drawPng, startSignedUpstream } from './gemini-upstream.ts';

const model = 'gemini-3-pro-image';
let google: Awaited<ReturnType<typeof startSignedUpstream>>;
let server: TestServer;
let client: GoogleGenAI;

beforeAll(async () => {
  google = await startSignedUpstream();
  server = await startServer(google.settings);
  client = new GoogleGenAI({ apiKey: server.key, httpOptions: { baseUrl: server.url } });
});

afterAll(async () => {
  await server.stop();
  await google.stop();
});

beforeEach(() => google.answerSigned());

const call = (body: object, method = 'generateContent') =>
  fetch(`${server.url}/v1beta/models/${model}:${method}`, {
    method: 'POST',
    headers: { 'x-goog-api-key': server.key },
    body: JSON.stringify(body),
  });

describe('the answer to generateContent', () => {
  it('has a candidate for each picture, and the cost of all in a header', async () => {
    const reply = await call({ contents: 'a lighthouse', generationConfig: { candidateCount: 2 } });
    const { candidates, responseId } = (await reply.json()) as Answer;
    expect(candidates.map(({ index }) => index)).toEqual([0, 1]);
    const signatures = candidates.map(({ content }) => content.parts.map(({ thoughtSignature }) => thoughtSignature));
    const made = google.answers.slice(-2).map((answer) => [answer.textSignature, answer.pictureSignature]);
    expect(signatures).toEqual(expect.arrayContaining(made));
    expect(reply.headers.get('x-request-id')).toBe(responseId);
    expect(reply.headers.get('x-darkroom-sizes')).toBe('64x64, 64x64');
    expect(Number(reply.headers.get('x-darkroom-cost-usd'))).toBeGreaterThan(0.2);
  });

  it('has the bytes that the model made, unless the client chose a format', async () => {
    const png = await drawPng('#a3b');
    const part = { inlineData: { mimeType: 'image/jpeg', data: png }, thoughtSignature: 'c2ln' };
    google.upstream.answerJson(200, { candidates: [{ content: { parts: [part] }, finishReason: 'STOP' }] });
    const plain = (await (await call({ contents: 'a fox' })).json()) as Answer;
    expect(plain.candidates[0]?.content.parts).toEqual([
      { inlineData: { mimeType: 'image/png', data: png }, thoughtSignature: 'c2ln' },
    ]);
    const imageConfig = { outputMimeType: 'image/webp' };
    const chosen = (await (await call({ contents: 'a fox', generationConfig: { imageConfig } })).json()) as Answer;
    const { mimeType, data = '' } = chosen.candidates[0]?.content.parts[0]?.inlineData ?? {};
    expect(mimeType).toBe('image/webp');
    expect((await sharp(Buffer.from(data, 'base64')).metadata()).format).toBe('webp');
  });

  it('has the address of the picture when the client wants it by URI, and no words when it wants pictures alone', async () => {
    const responseFormat = [{ image: { delivery: 'URI' } }];
    const generationConfig = { responseModalities: ['IMAGE'], responseFormat };
    const { candidates } = (await (await call({ contents: 'a fox', generationConfig })).json()) as Answer;
    const [part, ...others] = candidates[0]?.content.parts ?? [];
    expect(others).toEqual([]);
    expect((await fetch(part?.fileData?.fileUri ?? '')).headers.get('content-type')).toBe('image/jpeg');
  });

  it('comes later when the client would rather poll', async () => {
    const begun = await fetch(`${server.url}/v1beta/models/${model}:generateContent`, {
      method: 'POST',
      headers: { 'x-goog-api-key': server.key, prefer: 'respond-async' },
      body: JSON.stringify({ contents: 'a fox at dawn' }),
    });
    expect(begun.status).toBe(202);
    const poll = async () => {
      const headers = { 'x-goog-api-key': server.key };
      const reply = await fetch(`${server.url}${begun.headers.get('location')}`, { headers });
      return (await reply.json()) as { readonly done: boolean; readonly response: Answer };
    };
    await expect.poll(async () => (await poll()).done).toBe(true);
    expect((await poll()).response.candidates[0]?.content.parts).toHaveLength(2);
  });

  it('is a list without alt=sse', async () => {
    const list = (await (await call({ contents: 'a fox' }, 'streamGenerateContent')).json()) as Answer[];
    expect(list).toHaveLength(1);
    expect(list[0]?.candidates[0]?.content.parts).toHaveLength(2);
  });

  it('to a blocked prompt has the reason, and to a blocked picture the end of the model', async () => {
    google.upstream.answerJson(200, { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } });
    const blocked = await client.models.generateContent({ model, contents: 'a fox' });
    expect(blocked.promptFeedback?.blockReason).toBe('PROHIBITED_CONTENT');
    google.upstream.answerJson(200, { candidates: [{ finishReason: 'IMAGE_SAFETY' }] });
    const ended = await client.models.generateContent({ model, contents: 'a wolf' });
    expect(ended.candidates?.[0]?.finishReason).toBe('IMAGE_SAFETY');
  });

  it('is an error when the upstream refuses the request, also in a stream', async () => {
    const message = 'Request contains an invalid argument.';
    google.upstream.answerJson(400, { error: { code: 400, message, status: 'INVALID_ARGUMENT' } });
    const refused = { name: 'ApiError', status: 400 };
    await expect(client.models.generateContent({ model, contents: 'a hen' })).rejects.toMatchObject(refused);
    const stream = await client.models.generateContentStream({ model, contents: 'a hen' });
    await expect(Array.fromAsync(stream)).rejects.toMatchObject(refused);
  });
});

interface Answer {
  readonly responseId: string;
  readonly candidates: readonly {
    readonly index: number;
    readonly content: {
      readonly parts: readonly {
        readonly thoughtSignature?: string;
        readonly inlineData?: { readonly mimeType: string; readonly data: string };
        readonly fileData?: { readonly fileUri: string };
      }[];
    };
  }[];
}
