import { createGoogle } from '@ai-sdk/google';
import { GoogleGenAI } from '@google/genai';
import { generateText, type ModelMessage, streamText } from 'ai';
import { GoogleGenAI as GoogleGenAI2 } from 'genai-2';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from '../start-server.ts';
import { startUpstream } from '../start-upstream.ts';
import { TroubledLine } from '../troubled-line.ts';
import { WebhookReceiver } from '../webhook-receiver.ts';

/** The Interactions API, by Google's SDK of two majors, with a whole Darkroom. */

let upstream: Awaited<ReturnType<typeof startUpstream>>;
let darkroom: TestServer;
let line: TroubledLine;
beforeAll(async () => {
  upstream = await startUpstream();
  const settings = { DARKROOM_KEEP_ALIVE_SECONDS: '1', DARKROOM_ALLOW_PRIVATE_HOSTS: '127.0.0.1' };
  darkroom = await startServer({ ...settings, ...upstream.settings });
  line = await TroubledLine.open();
  line.target = darkroom.url;
});
afterAll(async () => {
  await line.close();
  await darkroom.stop();
  await upstream.stop();
});

const small = '[[sandbox size=64x64]]';
const model = 'gemini-3-pro-image-preview';

describe.each([
  ['3', GoogleGenAI],
  ['2', GoogleGenAI2],
])('@google/genai %s', (_major, Client) => {
  // The classes of both majors have the same shape, as far as it is used here.
  const connect = (baseUrl = darkroom.url) =>
    new Client({ apiKey: darkroom.key, httpOptions: { baseUrl } }) as unknown as GoogleGenAI;

  it('cancels and withdraws what has not ended', async () => {
    const { interactions } = connect();
    // The upstream’s calls end while the other tests run: a server that stops waits for them.
    const begin = () => interactions.create({ model, input: '[[sandbox delay=3s]]', background: true });
    const [first, second] = await Promise.all([begin(), begin()]);
    expect(await interactions.cancel(first.id)).toMatchObject({ id: first.id, status: 'cancelled' });
    await interactions.delete(second.id);
    expect((await interactions.get(second.id)).status).toBe('cancelled');
    await expect(interactions.delete(second.id)).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('cancel it, wait for its end, and delete it then'),
    });
  });

  it('makes a picture in one call', async () => {
    const made = await connect().interactions.create({ model, input: `A red kite ${small}` });
    expect(made).toMatchObject({ status: 'completed', model });
    const picture = Buffer.from(made.output_image?.data ?? '', 'base64');
    expect(`image/${(await sharp(picture).metadata()).format}`).toBe(made.output_image?.mime_type);
    expect(made.usage?.total_tokens).toBeGreaterThan(0);
    expect(made.usage?.total_tokens).toBe(
      (made.usage?.total_input_tokens ?? 0) +
        (made.usage?.total_output_tokens ?? 0) +
        (made.usage?.total_thought_tokens ?? 0),
    );
    const record = await darkroom.client.status(made.id);
    expect(record).toMatchObject({ status: 'success', request_id: made.id });
    expect(made.usage).toMatchObject({ cost_usd: record.cost_usd });
  });

  it('makes one in the background, which is read until it is completed', async () => {
    const { interactions } = connect();
    const begun = await interactions.create({ model, input: `A blue kite ${small}`, background: true });
    expect(['queued', 'in_progress']).toContain(begun.status);
    let read = begun;
    while (read.status === 'queued' || read.status === 'in_progress') {
      await new Promise((resolve) => setTimeout(resolve, 50));
      read = await interactions.get(begun.id);
    }
    expect(read).toMatchObject({ id: begun.id, status: 'completed' });
    expect(read.output_image?.data).toMatch(/^[A-Za-z0-9+/]+=*$/);
  });

  it('streams one: the events in the order of the API', async () => {
    const stream = await connect().interactions.create({ model, input: `A green kite ${small}`, stream: true });
    const events = [];
    for await (const event of stream) events.push(event);
    const types = events.map(({ event_type }) => event_type);
    expect(types.slice(0, 3)).toEqual(['interaction.created', 'interaction.status_update', 'step.start']);
    expect(types.slice(3, -2).every((type) => type === 'step.delta')).toBe(true);
    expect(types.slice(-2)).toEqual(['step.stop', 'interaction.completed']);
    const images = events.flatMap((event) =>
      event.event_type === 'step.delta' && event.delta.type === 'image' ? [event.delta] : [],
    );
    expect(images).toHaveLength(1);
    const { format } = await sharp(Buffer.from(images[0]?.data ?? '', 'base64')).metadata();
    expect(`image/${format}`).toBe(images[0]?.mime_type);
    expect(events.at(-1)).toMatchObject({
      interaction: { status: 'completed', usage: { cost_usd: expect.any(Number) } },
    });
  });

  it('streams what was begun in the background, from the event on that the client has seen', async () => {
    const { interactions } = connect();
    const begun = await interactions.create({ model, input: `A kite at sea ${small}`, background: true });
    const types = [];
    for await (const event of await interactions.get(begun.id, { stream: true, last_event_id: '1' }))
      types.push(event.event_type);
    expect([types[0], types.at(-1)]).toEqual(['step.start', 'interaction.completed']);
  });

  it('edits the picture of an earlier interaction', async () => {
    const { interactions } = connect();
    const first = await interactions.create({ model, input: `A kite in the sky ${small}` });
    const second = await interactions.create({
      model,
      input: `Make it night ${small}`,
      previous_interaction_id: first.id,
    });
    expect(second).toMatchObject({ status: 'completed', previous_interaction_id: first.id });
    // The upstream refuses a turn of the model whose signature is missing.
    expect((await darkroom.client.attempts(second.id)).attempts).toMatchObject([{ result: 'succeeded' }]);
    const { outcome } = await darkroom.client.status(second.id);
    expect(outcome).toMatchObject({ next_turn_contents: [{ role: 'user' }, { role: 'model' }, {}, {}, {}] });
  });

  it('gives an address instead of bytes, and takes it back as a reference', async () => {
    const { interactions } = connect();
    const response_format = { type: 'image', mime_type: 'image/jpeg', delivery: 'uri', aspect_ratio: '16:9' } as const;
    const made = await interactions.create({ model, input: `A yellow kite ${small}`, response_format });
    expect(made.output_image).toEqual({
      type: 'image',
      mime_type: 'image/jpeg',
      uri: expect.stringMatching(/^http.*\.jpg$/),
    });
    const uri = made.output_image?.uri ?? '';
    expect((await fetch(uri)).headers.get('content-type')).toBe('image/jpeg');
    const edited = await interactions.create({
      model,
      input: [
        { type: 'text', text: `Two of them ${small}` },
        { type: 'image', uri, mime_type: 'image/jpeg' },
      ],
      response_modalities: ['image'],
    });
    expect(edited.status).toBe('completed');
    expect(edited.output_text).toBeUndefined();
  });

  it('tells why there is no picture', async () => {
    const { interactions } = connect();
    const failed = await interactions.create({ model, input: '[[sandbox block=PROHIBITED_CONTENT]]' });
    expect(failed).toMatchObject({ status: 'failed', errors: [{ code: 'prompt_blocked' }], steps: [] });
    const spoken = await interactions.create({ model, input: '[[sandbox no-image]]' });
    expect(spoken).toMatchObject({ status: 'failed', output_text: expect.any(String) });
    const stream = await interactions.create({ model, input: '[[sandbox finish=IMAGE_SAFETY]]', stream: true });
    const events = [];
    for await (const event of stream) events.push(event);
    expect(events.slice(-2)).toMatchObject([
      { event_type: 'error', error: { code: 'image_blocked' } },
      { event_type: 'interaction.completed', interaction: { status: 'failed' } },
    ]);
  });

  it('throws what is refused, without a retry', async () => {
    const { interactions } = connect();
    await expect(interactions.create({ model: 'gpt-5', input: 'A kite' })).rejects.toMatchObject({
      status: 404,
      message: expect.stringContaining('Available models: gemini-3-pro-image-preview'),
    });
    await expect(interactions.create({ model, input: 'A kite', store: false })).rejects.toMatchObject({ status: 400 });
    const wrong = new Client({ apiKey: 'wrong', httpOptions: { baseUrl: darkroom.url } }) as unknown as GoogleGenAI;
    await expect(wrong.interactions.create({ model, input: 'A kite' })).rejects.toMatchObject({ status: 401 });
  });

  it('whose line is cut makes the call again by itself: one request, one call of the upstream, one picture', async () => {
    const count = async () => (await darkroom.client.list({ limit: 1 })).total;
    const before = { calls: upstream.calls(), requests: await count() };
    const making = connect(line.url).interactions.create({ model, input: '[[sandbox delay=900ms]] A lost kite' });
    while (upstream.calls() === before.calls) await new Promise((resolve) => setTimeout(resolve, 20));
    await fetch(`${line.url}/line/cut`);
    const made = await making;
    expect(made).toMatchObject({ status: 'completed', output_image: { data: expect.any(String) } });
    expect({ calls: upstream.calls(), requests: await count() }).toEqual({
      calls: before.calls + 1,
      requests: before.requests + 1,
    });
  });

  it('is kept alive while a picture takes longer than proxies wait', async () => {
    const made = await connect().interactions.create({ model, input: `[[sandbox delay=1100ms]] ${small}` });
    expect(made.status).toBe('completed');
    expect(made.output_image?.data).toBeDefined();
  });
});

describe('the AI SDK, with google.interactions,', () => {
  const connect = () => createGoogle({ baseURL: `${darkroom.url}/v1beta`, apiKey: darkroom.key });
  const google = { responseFormat: [{ type: 'image', mimeType: 'image/jpeg', aspectRatio: '16:9' }] };

  it('makes a picture, and changes it in the next turn', async () => {
    const imageModel = connect().interactions('gemini-3-pro-image');
    const first = await generateText({ model: imageModel, prompt: 'A kite', providerOptions: { google } });
    expect(first.files).toMatchObject([{ mediaType: 'image/jpeg' }]);
    const previousInteractionId = String(first.providerMetadata?.['google']?.['interactionId']);
    const options = { google: { ...google, previousInteractionId } };
    const second = await generateText({ model: imageModel, prompt: 'At night', providerOptions: options });
    expect(second.files).toHaveLength(1);
    const record = await darkroom.client.status(String(second.providerMetadata?.['google']?.['interactionId']));
    expect(record).toMatchObject({ payload: { previous_request_id: previousInteractionId } });
  });

  it('sends a conversation with its own pictures, whose signatures it does not have', async () => {
    const imageModel = connect().interactions('gemini-3-pro-image');
    const first = await generateText({ model: imageModel, prompt: 'A kite', providerOptions: { google } });
    const messages = [
      { role: 'user', content: 'A kite' },
      ...first.response.messages,
      { role: 'user', content: 'Make it red' },
    ] satisfies ModelMessage[];
    const options = { google: { ...google, store: null } };
    const second = await generateText({ model: imageModel, messages, providerOptions: options });
    expect(second.files).toHaveLength(1);
    const id = String(second.providerMetadata?.['google']?.['interactionId']);
    expect((await darkroom.client.attempts(id)).attempts).toMatchObject([{ result: 'succeeded' }]);
  });

  it('streams', async () => {
    const streamed = streamText({ model: connect().interactions('gemini-3-pro-image'), prompt: 'A kite' });
    expect(await streamed.files).toMatchObject([{ mediaType: 'image/png' }]);
    expect(await streamed.finishReason).toBe('stop');
  });
});

describe('webhook_config', () => {
  it('calls its URL when the interaction has ended, with the record and what the caller gave along', async () => {
    const receiver = await WebhookReceiver.start();
    try {
      const { secret } = await darkroom.client.webhooks.secret();
      receiver.secrets.set('/hook', [secret]);
      const { interactions } = new GoogleGenAI({ apiKey: darkroom.key, httpOptions: { baseUrl: darkroom.url } });
      const begun = await interactions.create({
        model,
        input: `A white kite ${small}`,
        background: true,
        labels: { team: 'kites' },
        webhook_config: { uris: [receiver.url('/hook')], user_metadata: { order: 7 } },
      });
      expect(begun.labels).toEqual({ team: 'kites' });
      await receiver.until(() => receiver.taken.length > 0);
      expect(receiver.taken).toMatchObject([
        {
          type: 'request.success',
          data: { request_id: begun.id, payload: { interaction: { user_metadata: { order: 7 } } } },
        },
      ]);
      expect(receiver.wrongs).toEqual([]);
    } finally {
      await receiver.stop();
    }
  });
});
