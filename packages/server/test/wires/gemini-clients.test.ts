import { createGoogle } from '@ai-sdk/google';
import { ChatGoogleGenerativeAI } from '@langchain/google-genai';
import { generateImage, generateText } from 'ai';
import sharp from 'sharp';
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

beforeEach(() => google.delay(0));

describe('@ai-sdk/google', () => {
  const provider = () => createGoogle({ apiKey: server.key, baseURL: `${server.url}/v1beta` });

  it('generates an image, also from a picture, of which the answer has the ratio', async () => {
    const made = await generateImage({ model: provider().image(model), prompt: 'a lighthouse', aspectRatio: '16:9' });
    expect(made.image.base64).toBe(google.answers.at(-1)?.picture);
    expect(google.bodies().at(-1)?.generationConfig['imageConfig']).toMatchObject({ aspectRatio: '16:9' });
    const picture = Buffer.from(await drawJpeg('#456'), 'base64');
    await generateImage({ model: provider().image(model), prompt: { text: 'in red', images: [picture] } });
    expect(google.bodies().at(-1)?.generationConfig['imageConfig']).not.toHaveProperty('aspectRatio');
  });

  it('generates text with files, and keeps the signatures for the next turn', async () => {
    const messages = [{ role: 'user' as const, content: 'a lighthouse' }];
    const first = await generateText({ model: provider()(model), messages });
    expect(first.files.map(({ mediaType }) => mediaType)).toEqual(['image/jpeg']);
    const made = google.answers.at(-1);
    expect(first.text).toBe(made?.text);
    const next = [...messages, ...first.response.messages, { role: 'user' as const, content: 'at night' }];
    await generateText({ model: provider()(model), messages: next });
    expect(
      google
        .bodies()
        .at(-1)
        ?.contents[1]?.parts.map((part) => part['thoughtSignature']),
    ).toEqual([made?.textSignature, made?.pictureSignature]);
  });
});

describe('@langchain/google-genai', () => {
  const connect = () => new ChatGoogleGenerativeAI({ model, apiKey: server.key, baseUrl: server.url });

  it('invokes the model: the answer has the words and the picture', async () => {
    const { content } = await connect().invoke('a lighthouse');
    const made = google.answers.at(-1);
    expect(content).toMatchObject([
      { type: 'text', text: made?.text },
      { inlineData: { mimeType: 'image/jpeg', data: made?.picture } },
    ]);
  });

  it('streams, also when the stream has to be kept alive', async () => {
    google.delay(1_500);
    const pictures = [];
    for await (const { content } of await connect().stream('a slow lighthouse'))
      pictures.push(...(Array.isArray(content) ? content : []).filter((part) => 'inlineData' in part));
    expect(pictures).toHaveLength(1);
  });
});

/** As its `routers/images.py` writes them. */
describe('Open WebUI with its engine for Gemini', () => {
  const call = async (method: string, body: object) => {
    const reply = await fetch(`${server.url}/v1beta/models/${model}:${method}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-goog-api-key': server.key },
      body: JSON.stringify(body),
    });
    expect(reply.status).toBe(200);
    return reply.json();
  };

  it('predicts: PNG, since it looks at no type', async () => {
    const body = {
      instances: { prompt: 'a lighthouse' },
      parameters: { sampleCount: 1, outputOptions: { mimeType: 'image/png' } },
    };
    const { predictions } = (await call('predict', body)) as Predictions;
    expect(predictions).toHaveLength(1);
    const picture = Buffer.from(predictions[0]?.bytesBase64Encoded ?? '', 'base64');
    expect((await sharp(picture).metadata()).format).toBe('png');
  });

  it('generates and edits content, in its mix of spellings', async () => {
    const generated = await call('generateContent', { contents: [{ parts: [{ text: 'a lighthouse' }] }] });
    const data = toPicture(generated);
    expect(data).toBe(google.answers.at(-1)?.picture);
    const parts = [{ text: 'at night' }, { inline_data: { mime_type: 'image/jpeg', data } }];
    expect(toPicture(await call('generateContent', { contents: [{ parts }] }))).toBeTruthy();
    expect(google.bodies().at(-1)?.contents[0]?.parts[1]).toEqual({ inlineData: { mimeType: 'image/jpeg', data } });
  });
});

interface Predictions {
  readonly predictions: readonly { readonly bytesBase64Encoded: string }[];
}

function toPicture(answer: unknown): string | undefined {
  const { candidates } = answer as { candidates: { content: { parts: { inlineData?: { data: string } }[] } }[] };
  return candidates[0]?.content.parts.find(({ inlineData }) => inlineData)?.inlineData?.data;
}
