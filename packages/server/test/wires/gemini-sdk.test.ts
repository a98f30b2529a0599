import * as genai3 from '@google/genai';
import * as genai2 from 'genai-2';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from '../start-server.ts';
import { drawJpeg, startSignedUpstream } from './gemini-upstream.ts';

const model = 'gemini-3-pro-image';
let google: Awaited<ReturnType<typeof startSignedUpstream>>;
let server: TestServer;

beforeAll(async () => {
  google = await startSignedUpstream();
  server = await startServer({ ...google.settings, DARKROOM_KEEP_ALIVE_SECONDS: '1' });
});

afterAll(async () => {
  await server.stop();
  await google.stop();
});

beforeEach(() => {
  google.answerSigned();
  google.delay(0);
});

describe.each([
  ['@google/genai 3', genai3.GoogleGenAI as unknown as typeof genai2.GoogleGenAI],
  ['@google/genai 2', genai2.GoogleGenAI],
])('%s, with its default version', (_name, GoogleGenAI) => {
  const connect = () => new GoogleGenAI({ apiKey: server.key, httpOptions: { baseUrl: server.url } });

  it('makes a picture: its parts in the model’s order, with their signatures byte for byte', async () => {
    const response = await connect().models.generateContent({ model, contents: 'a lighthouse' });
    const answer = google.answers.at(-1);
    expect(response.candidates?.[0]?.content).toEqual({
      role: 'model',
      parts: [
        { text: answer?.text, thoughtSignature: answer?.textSignature },
        {
          inlineData: { mimeType: 'image/jpeg', data: answer?.picture },
          thoughtSignature: answer?.pictureSignature,
        },
      ],
    });
    expect(response.candidates?.[0]?.finishReason).toBe('STOP');
    expect(response.usageMetadata).toMatchObject({ promptTokenCount: 10, totalTokenCount: 1_340 });
    expect(response.modelVersion).toBe('gemini-3-pro-image');
    expect((await server.client.status(String(response.responseId))).status).toBe('success');
  });

  it('streams the same', async () => {
    const stream = await connect().models.generateContentStream({ model, contents: 'a lighthouse' });
    const parts = [];
    for await (const chunk of stream) parts.push(...(chunk.candidates?.[0]?.content?.parts ?? []));
    expect(parts.map(({ thoughtSignature }) => thoughtSignature)).toEqual([
      google.answers.at(-1)?.textSignature,
      google.answers.at(-1)?.pictureSignature,
    ]);
  });

  it('goes on with a conversation: the upstream gets its own parts again, with their signatures', async () => {
    const chat = connect().chats.create({ model });
    await chat.sendMessage({ message: 'a lighthouse' });
    const first = google.answers.at(-1);
    await chat.sendMessage({ message: 'at night' });
    expect(google.bodies().at(-1)?.contents).toEqual([
      { role: 'user', parts: [{ text: 'a lighthouse' }] },
      {
        role: 'model',
        parts: [
          { text: first?.text, thoughtSignature: first?.textSignature },
          {
            inlineData: { mimeType: 'image/jpeg', data: first?.picture },
            thoughtSignature: first?.pictureSignature,
          },
        ],
      },
      { role: 'user', parts: [{ text: 'at night' }] },
    ]);
  });

  it('passes on the history of another service, with its signatures byte for byte', async () => {
    const picture = await drawJpeg('#123');
    const large = Buffer.alloc(300_000, 'signature').toString('base64');
    const history = [
      { role: 'user', parts: [{ text: 'a boat' }] },
      {
        role: 'model',
        parts: [
          { text: 'A boat.', thoughtSignature: 'dGV4dA==' },
          { inlineData: { mimeType: 'image/jpeg', data: picture }, thoughtSignature: large },
        ],
      },
    ];
    const chat = connect().chats.create({ model, history });
    await chat.sendMessage({ message: 'in red' });
    expect(google.bodies().at(-1)?.contents.slice(0, 2)).toEqual(history);
  });

  it('uploads a file, which can then be a reference', async () => {
    const client = connect();
    const bytes = Buffer.from(await drawJpeg('#456'), 'base64');
    const blob = new Blob([bytes], { type: 'image/jpeg' });
    const file = await client.files.upload({ file: blob, config: { displayName: 'A boat' } });
    expect(file).toMatchObject({ mimeType: 'image/jpeg', sizeBytes: `${bytes.length}`, displayName: 'A boat' });
    expect(await client.files.get({ name: String(file.name) })).toMatchObject({ name: file.name, state: 'ACTIVE' });
    const part = { fileData: { fileUri: String(file.uri), mimeType: 'image/jpeg' } };
    await client.models.generateContent({ model, contents: [part, 'in red'] });
    const { parts } = google.bodies().at(-1)?.contents[0] ?? {};
    expect(parts).toEqual([
      { inlineData: { mimeType: 'image/jpeg', data: bytes.toString('base64') } },
      { text: 'in red' },
    ]);
  });

  it('counts tokens, and lists the models', async () => {
    const client = connect();
    const counted = await client.models.countTokens({ model, contents: 'a lighthouse' });
    expect(counted.totalTokens).toBe(3);
    const names = [];
    for await (const { name } of await client.models.list()) names.push(name);
    expect(names).toContain(`models/${model}`);
    expect((await client.models.get({ model })).name).toBe(`models/${model}`);
  });

  it('is told what is wrong in its own error, with the names that it used', async () => {
    const wrong = connect().models.generateContent({ model, contents: 'a fox', config: { candidateCount: 99 } });
    await expect(wrong).rejects.toMatchObject({ name: 'ApiError', status: 400 });
    await expect(wrong).rejects.toThrow(/generationConfig.candidateCount must be a whole number from 1 to/);
    const unknown = connect().models.generateContent({ model: 'imagen-9', contents: 'a fox' });
    await expect(unknown).rejects.toMatchObject({ status: 404 });
    await expect(unknown).rejects.toThrow(/There is no model .*imagen-9.* Available models: .*gemini-3-pro-image/);
  });
});
