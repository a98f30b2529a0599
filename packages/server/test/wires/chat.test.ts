import OpenAI from 'openai';
import OpenAI6 from 'openai-6';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SigningUpstream, startSigningUpstream } from '../fakes/signing-upstream.ts';
import { startServer, type TestServer } from '../start-server.ts';

const model = 'gemini-3-pro-image-preview';

let upstream: SigningUpstream;
let server: TestServer;

beforeAll(async () => {
  upstream = await startSigningUpstream();
  server = await startServer({ ...upstream.settings, DARKROOM_KEEP_ALIVE_SECONDS: '1' });
});
afterAll(async () => {
  await server?.stop();
  await upstream?.close();
});

/** What the types of the SDK do not know: the fields of OpenRouter. */
interface Painted {
  readonly images: readonly { readonly image_url: { readonly url: string } }[];
}
const toUrls = (message: unknown) => (message as Painted).images.map(({ image_url }) => image_url.url); // as this wire answers
const wanting = (more: object) => more as object; // fields that the types do not know

const toBody = (call: number) => JSON.parse(upstream.received[call]?.body ?? '{}');
const lastBody = () => toBody(upstream.received.length - 1);

describe.each([
  ['openai 7', () => new OpenAI({ baseURL: `${server.url}/v1`, apiKey: server.key })],
  ['openai 6', () => new OpenAI6({ baseURL: `${server.url}/v1`, apiKey: server.key }) as unknown as OpenAI], // its calls are the same
])('%s', (name, createClient) => {
  let client: OpenAI;
  beforeAll(() => {
    client = createClient();
  });
  const ask = (content: string) => ({ model, messages: [{ role: 'user' as const, content }] });

  it('gets a picture as a data URI, and what it has cost', async () => {
    const { data, response } = await client.chat.completions
      .create({ ...ask(`${name}: a fox`), ...wanting({ modalities: ['image', 'text'] }) })
      .withResponse();
    const [choice] = data.choices;
    expect(choice).toMatchObject({ finish_reason: 'stop', message: { role: 'assistant' } });
    expect(choice?.message.content).toMatch(/^Picture \d+\.$/);
    expect(toUrls(choice?.message)).toEqual([expect.stringMatching(/^data:image\/jpeg;base64,\/9j\//)]);
    expect(data.usage).toMatchObject({ prompt_tokens: 32, completion_tokens: 1772 + 748, cost: expect.any(Number) });
    const id = response.headers.get('x-request-id') ?? '';
    expect(data.id).toBe(`chatcmpl-${id}`);
    expect(response.headers.get('x-darkroom-sizes')).toBe('16x16');
    const record = await server.client.status(id);
    expect(record).toMatchObject({ status: 'success', wire: 'chat' });
    expect(await client.chat.completions.retrieve(data.id)).toEqual(data);
  });

  it('streams: first who speaks, then the picture, the end, and the usage', async () => {
    const stream = await client.chat.completions.create({
      ...ask(`${name}: a stream`),
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = await Array.fromAsync(stream);
    expect(chunks.map(({ choices }) => choices[0] && Object.keys(choices[0].delta))).toEqual([
      ['role', 'content'],
      ['content', 'images'],
      [],
      undefined,
    ]);
    expect(toUrls(chunks[1]?.choices[0]?.delta)).toEqual([expect.stringMatching(/^data:image\/jpeg;base64,/)]);
    expect(chunks[2]?.choices[0]?.finish_reason).toBe('stop');
    expect(chunks[3]?.usage?.prompt_tokens).toBe(32);
  });

  it('edits a picture that it sends', async () => {
    const picture = toUrls((await client.chat.completions.create(ask(`${name}: a hat`))).choices[0]?.message)[0] ?? '';
    const content = [
      { type: 'text' as const, text: `${name}: make it blue` },
      { type: 'image_url' as const, image_url: { url: picture } },
    ];
    await client.chat.completions.create({ model, messages: [{ role: 'user', content }] });
    const data = picture.slice('data:image/jpeg;base64,'.length);
    expect(lastBody().contents[0].parts).toMatchObject([
      { text: `${name}: make it blue` },
      { inlineData: { mimeType: 'image/jpeg', data } },
    ]);
  });

  it.each(['b64_json', 'url', 'markdown'])('goes on with the signature of the first answer, by %s', async (form) => {
    const image_config = wanting({ image_config: { response_format: form } });
    const first = ask(`${name}: a ${form}`);
    const call = upstream.received.length;
    const [answer] = (await client.chat.completions.create({ ...first, ...image_config })).choices;
    expect(toUrls(answer?.message)).toEqual([
      expect.stringMatching(form === 'b64_json' ? /^data:/ : /^http:.*\/media\/.*\.jpg$/),
    ]);
    expect(answer?.message.content?.includes('![](http')).toBe(form === 'markdown');
    // A client that knows Markdown alone sends back the text alone.
    const said =
      form === 'markdown' ? { role: 'assistant' as const, content: answer?.message.content ?? '' } : answer?.message;
    const messages = [
      ...first.messages,
      ...(said ? [said] : []),
      { role: 'user' as const, content: 'and now at night' },
    ];
    await client.chat.completions.create({ model, messages });
    const [, turn] = lastBody().contents;
    const picture = turn.parts.find((part: object) => 'inlineData' in part);
    expect([turn.role, picture.thoughtSignature]).toEqual(['model', upstream.signatureOf(call)]);
  });

  it('learns that a prompt was blocked, and does not try again', async () => {
    const before = upstream.received.length;
    const refusal = client.chat.completions.create(ask(`${name}: [[blocked]]`));
    await expect(refusal).rejects.toMatchObject({
      status: 400,
      code: 'moderation_blocked',
      type: 'image_generation_user_error',
    });
    const stream = await client.chat.completions.create({ ...ask(`${name}: [[blocked]] again`), stream: true });
    await expect(Array.fromAsync(stream)).rejects.toMatchObject({ code: 'moderation_blocked' });
    expect(upstream.received.length).toBe(before + 2);
  });

  it('has as many choices as it asked for', async () => {
    const { choices } = await client.chat.completions.create({ ...ask(`${name}: three`), n: 3 });
    expect(choices.map(({ index, message }) => [index, toUrls(message).length])).toEqual([
      [0, 1],
      [1, 1],
      [2, 1],
    ]);
  });
});

const post = (body: object) =>
  fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, ...body }),
  });

describe('the calls of other clients, as they send them', () => {
  it('LibreChat: a stream whose words show the picture', async () => {
    const reply = await post({
      user: '65f0c0ffee',
      stream: true,
      messages: [
        { role: 'system', content: 'You are helpful.', name: 'Darkroom' },
        { role: 'user', content: [{ type: 'text', text: 'a fox of LibreChat' }] },
      ],
      image_config: { response_format: 'markdown' },
    });
    expect(await reply.text()).toMatch(/"content":"Picture \d+\.\\n\\n!\[\]\(http:[^)]+\.jpg\)"/);
    expect(lastBody().systemInstruction.parts).toEqual([{ text: 'You are helpful.' }]);
  });

  it('OpenRouter: its own fields, and tools on every call', async () => {
    const reply = await post({
      messages: [{ role: 'user', content: 'a fox of OpenRouter' }],
      modalities: ['image', 'text'],
      image_config: { aspect_ratio: '16:9', image_size: '2K' },
      tools: [{ type: 'function', function: { name: 'search', parameters: {} } }],
      tool_choice: 'auto',
      max_tokens: 4096,
      reasoning: { effort: 'low' },
      provider: { sort: 'price' },
      usage: { include: true },
      transforms: [],
    });
    expect(await reply.json()).toMatchObject({ usage: { cost: expect.any(Number) } });
    expect(lastBody().generationConfig.imageConfig).toEqual({ aspectRatio: '16:9', imageSize: '2K' });
  });
});

describe('a call that takes long', () => {
  const call = (content: string, more: object = {}) => post({ messages: [{ role: 'user', content }], ...more });

  it('is kept alive by white space or, in a stream, by comments', async () => {
    upstream.delayMs = 2_500;
    const [json, stream] = await Promise.all([call('slow'), call('slow too', { stream: true })]);
    const [text, events] = await Promise.all([json.text(), stream.text()]);
    expect(text).toMatch(/^\n+\{"id":"chatcmpl-/);
    expect(toUrls(JSON.parse(text).choices[0].message)).toHaveLength(1);
    expect(events).toMatch(/^data: .*\n\n(: alive\n\n)+data: /);
    expect(events).toMatch(/data: \[DONE\]\n\n$/);
  });

  it('and whose line is cut is one request and one call to the upstream: the SDK tries again by itself', async () => {
    upstream.delayMs = 900;
    const count = async () => (await Array.fromAsync(server.client.listAll())).length;
    const before = { calls: upstream.received.length, requests: await count() };
    const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: server.key, timeout: 600 });
    const content = 'a line that is cut';
    const { choices } = await client.chat.completions.create({ model, messages: [{ role: 'user', content }] });
    expect(toUrls(choices[0]?.message)).toHaveLength(1);
    expect({ calls: upstream.received.length, requests: await count() }).toEqual({
      calls: before.calls + 1,
      requests: before.requests + 1,
    });
  });
});
