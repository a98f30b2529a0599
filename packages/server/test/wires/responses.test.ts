import { createOpenAI } from '@ai-sdk/openai';
import { generateText, streamText } from 'ai';
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

const lastBody = () => JSON.parse(upstream.received.at(-1)?.body ?? '{}');

describe.each([
  ['openai 7', (options: object) => new OpenAI({ baseURL: `${server.url}/v1`, apiKey: server.key, ...options })],
  [
    'openai 6',
    // Its calls are the same.
    (options: object) =>
      new OpenAI6({ baseURL: `${server.url}/v1`, apiKey: server.key, ...options }) as unknown as OpenAI,
  ],
])('%s', (name, createClient) => {
  let client: OpenAI;
  beforeAll(() => {
    client = createClient({});
  });
  const ask = (input: string) => ({
    model,
    input: `${name}: ${input}`,
    tools: [{ type: 'image_generation' as const }],
  });

  it('gets a picture, and what the model said about it', async () => {
    const response = await client.responses.create(ask('a fox'));
    const [picture] = response.output;
    expect(response).toMatchObject({ status: 'completed', object: 'response', error: null });
    expect(response.output_text).toMatch(/^Picture \d+\.$/);
    expect(picture).toMatchObject({
      type: 'image_generation_call',
      status: 'completed',
      size: '16x16',
      output_format: 'png',
      result: expect.stringMatching(/^iVBORw0KGgo/),
    });
    expect(response.usage).toMatchObject({ input_tokens: 32, output_tokens: 1772 + 748, cost: expect.any(Number) });
    expect(await client.responses.retrieve(response.id)).toEqual(response);
  });

  it('streams the events in their order, and puts the response together', async () => {
    const stream = client.responses.stream(ask('a stream'));
    const types: string[] = [];
    stream.on('event', (event) => {
      expect(event.sequence_number).toBe(types.length);
      types.push(event.type.replace(/^response\./, ''));
    });
    const response = await stream.finalResponse();
    expect(types).toEqual([
      'created',
      'in_progress',
      'output_item.added',
      'image_generation_call.in_progress',
      'image_generation_call.generating',
      'image_generation_call.completed',
      'output_item.done',
      'output_item.added',
      'content_part.added',
      'output_text.delta',
      'output_text.done',
      'content_part.done',
      'output_item.done',
      'completed',
    ]);
    expect(response.output[0]).toMatchObject({ status: 'completed', result: expect.stringMatching(/^iVBORw0KGgo/) });
    expect(response.output_text).toMatch(/^Picture \d+\.$/);
  });

  it('polls a response in the background', async () => {
    upstream.delayMs = 300;
    const { id, status } = await client.responses.create({ ...ask('later'), background: true });
    expect(['queued', 'in_progress']).toContain(status);
    await expect.poll(async () => (await client.responses.retrieve(id)).status).toBe('completed');
    expect(await client.responses.retrieve(id)).toMatchObject({ background: true, output: { length: 2 } });
    upstream.delayMs = 0;
  });

  it('cancels a response', async () => {
    upstream.delayMs = 1_000;
    const calls = upstream.received.length;
    const { id } = await client.responses.create({ ...ask('never'), background: true });
    // Its call must not arrive between those of the next test.
    await expect.poll(() => upstream.received.length).toBe(calls + 1);
    expect(await client.responses.cancel(id)).toMatchObject({ id, status: 'cancelled', output: [] });
    upstream.delayMs = 0;
  });

  it('goes on by previous_response_id, by the id of the picture, and by its bytes', async () => {
    const call = upstream.received.length;
    const first = await client.responses.create(ask('a hat'));
    const [picture] = first.output;
    if (picture?.type !== 'image_generation_call') throw new Error('There is no picture.');
    await client.responses.create({ ...ask('and now at night'), previous_response_id: first.id });
    expectSigned(call);
    const again = { role: 'user' as const, content: 'and now in winter' };
    const start = { role: 'user' as const, content: `${name}: a hat` };
    await client.responses.create({ model, input: [start, { type: 'item_reference', id: picture.id }, again] });
    expectSigned(call);
    // Clients also keep the bytes under ids that they make.
    await client.responses.create({ model, input: [start, { ...picture, id: 'ig_other' }, again] });
    expectSigned(call);
  });

  function expectSigned(call: number): void {
    const [, turn] = lastBody().contents;
    const made = turn.parts.find((part: object) => 'inlineData' in part);
    expect([turn.role, made.thoughtSignature]).toEqual(['model', upstream.signatureOf(call)]);
  }

  it('learns that a prompt was blocked, and does not try again', async () => {
    const before = upstream.received.length;
    const blocked = { status: 400, code: 'moderation_blocked', type: 'image_generation_user_error' };
    await expect(client.responses.create(ask('[[blocked]]'))).rejects.toMatchObject(blocked);
    const events = await Array.fromAsync(await client.responses.create({ ...ask('[[blocked]] again'), stream: true }));
    expect(events.at(-1)).toMatchObject({
      type: 'response.failed',
      response: { status: 'failed', error: { code: 'invalid_prompt' }, output: [{ status: 'failed', result: null }] },
    });
    expect(upstream.received.length).toBe(before + 2);
  });

  it('whose line is cut tries again by itself: one request, one call to the upstream', async () => {
    upstream.delayMs = 900;
    const count = async () => (await Array.fromAsync(server.client.listAll())).length;
    const before = { calls: upstream.received.length, requests: await count() };
    const response = await createClient({ timeout: 600 }).responses.create(ask('a line that is cut'));
    expect(response.status).toBe('completed');
    const after = { calls: upstream.received.length, requests: await count() };
    expect(after).toEqual({ calls: before.calls + 1, requests: before.requests + 1 });
    upstream.delayMs = 0;
  });
});

it('the AI SDK finds the picture in the result of its tool, whole or streamed', async () => {
  const openai = createOpenAI({ baseURL: `${server.url}/v1`, apiKey: server.key });
  const call = {
    model: openai.responses(model),
    prompt: 'a fox of the AI SDK',
    tools: { image_generation: openai.tools.imageGeneration({ outputFormat: 'jpeg', size: '1024x1024' }) },
  };
  const whole = await generateText(call);
  const picture = { toolName: 'image_generation', output: { result: expect.stringMatching(/^\/9j\//) } };
  expect(whole.staticToolResults).toMatchObject([picture]);
  const streamed = streamText({ ...call, prompt: 'a stream of the AI SDK' });
  expect(await streamed.staticToolResults).toMatchObject([picture]);
  expect(await streamed.text).toMatch(/^Picture \d+\.$/);
});

it('a response that takes long is kept alive by white space or, in a stream, by comments', async () => {
  upstream.delayMs = 2_500;
  const call = async (more: object) => {
    const reply = await fetch(`${server.url}/v1/responses`, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model, input: 'slow', ...more }),
    });
    return reply.text();
  };
  const [text, events] = await Promise.all([call({}), call({ stream: true })]);
  expect(text).toMatch(/^\n+\{"id":"resp_/);
  expect(JSON.parse(text).status).toBe('completed');
  expect(events).toMatch(/\n\n(: alive\n\n)+event: response\.image_generation_call\.completed\n/);
});
