import { describe, expect, it } from 'vitest';
import { createChatWire } from '../../src/wires/chat/chat-wire.ts';
import { model, useApp } from '../app-harness.ts';

const harness = useApp({ wires: (ports) => [createChatWire(ports)] });

const url = '/v1/chat/completions';
const dot = `data:image/png;base64,${'iVBORw0KGgo'.repeat(8)}`;
const user = (content: unknown) => ({ role: 'user', content });

/** Calls without waiting for the picture. */
const post = (body: object, headers: Record<string, string> = {}) =>
  harness.current.call({ method: 'POST', url, payload: body, headers: { prefer: 'respond-async', ...headers } });

/** The payload that a call becomes. */
async function toPayload(body: object): Promise<unknown> {
  const reply = await post({ model, ...body });
  expect(reply.statusCode, reply.body).toBe(202);
  const found = await harness.current.store.requests.find('default', reply.json().id.slice('chatcmpl-'.length));
  return JSON.parse(found?.payload ?? '');
}

describe('a chat becomes a payload', () => {
  it('of a prompt and references, when it is one message', async () => {
    expect(await toPayload({ messages: [user('a red fox')] })).toEqual({
      prompt: 'a red fox',
      image_output_format: 'jpeg',
    });
    const parts = [
      { type: 'image_url', image_url: { url: 'https://pictures.example/a.png', detail: 'high' } },
      { type: 'text', text: 'make it' },
      { type: 'text', text: 'blue' },
    ];
    expect(await toPayload({ messages: [user(parts)] })).toMatchObject({
      prompt: 'make it\n\nblue',
      image: ['https://pictures.example/a.png'],
    });
  });

  it('of turns, when it has answers or a picture between words', async () => {
    const messages = [
      user('a fox'),
      {
        role: 'assistant',
        content: 'Here.',
        images: [{ type: 'image_url', image_url: { url: 'https://x.example/1' } }],
      },
      { role: 'assistant', content: null, tool_calls: [] },
      user('make it blue'),
    ];
    expect(await toPayload({ messages })).toMatchObject({
      contents: [
        { role: 'user', parts: [{ text: 'a fox' }] },
        { role: 'model', parts: [{ text: 'Here.' }, { fileData: { fileUri: 'https://x.example/1' } }] },
        { role: 'user', parts: [{ text: 'make it blue' }] },
      ],
    });
    const between = [
      { type: 'text', text: 'the fox of' },
      { type: 'image_url', image_url: 'https://x.example/1' },
      { type: 'text', text: 'in winter' },
    ];
    expect(await toPayload({ messages: [user(between)] })).toMatchObject({ contents: [{ parts: { length: 3 } }] });
  });

  it('with the pictures that an answer has in its text', async () => {
    const own = `http://elsewhere.example/media/${'a'.repeat(32)}.png`;
    const content = `One: ![a fox](${own} "fox") two: ${own} three: ![b](https://b.example/b.png)`;
    const messages = [user('a fox'), { role: 'assistant', content }, user('again')];
    expect(await toPayload({ messages })).toMatchObject({
      contents: [
        {},
        {
          parts: [
            { text: 'One:' },
            { fileData: { fileUri: own } },
            { text: 'two:' },
            { fileData: { fileUri: own } },
            { text: 'three: ![b](https://b.example/b.png)' },
          ],
        },
        {},
      ],
    });
  });

  it('of a text that is all brackets, at once', async () => {
    const messages = [user('a fox'), { role: 'assistant', content: '!['.repeat(1_000_000) }, user('bluer')];
    const started = process.cpuUsage();
    expect((await post({ model, messages })).statusCode).toBe(202);
    // Reading each bracket with the 500 characters after it would take many seconds.
    expect(process.cpuUsage(started).user / 1_000).toBeLessThan(3_000);
  });

  it('with every field that means something to a picture', async () => {
    const payload = await toPayload({
      messages: [{ role: 'system', content: 'Be brief.' }, { role: 'developer', content: 'Be kind.' }, user('a fox')],
      image_config: { aspect_ratio: '16:9', image_size: '2K', output_format: 'webp', response_format: 'url' },
      modalities: ['image', 'text'],
      n: 2,
      temperature: 0.5,
      top_p: 0.9,
      seed: 7,
      web_search_options: {},
      // These mean nothing to it.
      tools: [{ type: 'function', function: { name: 'f' } }],
      max_tokens: 100,
      response_format: { type: 'text' },
      user: 'u',
      stream_options: null,
    });
    expect(payload).toEqual({
      prompt: 'a fox',
      system_instruction: 'Be brief.\n\nBe kind.',
      aspect_ratio: '16:9',
      image_size: '2K',
      image_output_format: 'webp',
      chat: { response_format: 'url' },
      number_of_images: 2,
      temperature: 0.5,
      top_p: 0.9,
      seed: 7,
      google_search: true,
    });
  });
});

describe('a call that asks for something else is refused by the name of the field', () => {
  it.each([
    ['modalities', { modalities: ['text'] }, 'unsupported_parameter'],
    ['audio', { audio: { voice: 'alloy' } }, 'unsupported_parameter'],
    ['response_format', { response_format: { type: 'json_schema' } }, 'unsupported_parameter'],
    ['image_config', { image_config: { strength: 1 } }, 'invalid_value'],
    ['image_config.aspect_ratio', { image_config: { aspect_ratio: '7:5' } }, 'invalid_value'],
    ['n', { n: 99 }, 'invalid_value'],
    ['messages', { messages: [user('a'), { role: 'assistant', content: 'b' }] }, 'invalid_value'],
    ['messages', { messages: [user([{ type: 'image_url', image_url: { url: dot } }])] }, 'invalid_value'],
    ['messages[0].role', { messages: [{ role: 'robot', content: 'a' }] }, 'invalid_value'],
    ['messages[0].content[0].type', { messages: [user([{ type: 'input_audio' }])] }, 'invalid_value'],
    ['messages[0].content[0].image_url', { messages: [user([{ type: 'image_url', image_url: {} }])] }, 'invalid_value'],
    ['size', { size: 'huge' }, 'invalid_value'],
  ])('%s', async (param, body, code) => {
    const reply = await post({ model, messages: [user('a fox')], ...body });
    expect(reply.statusCode, reply.body).toBe(400);
    expect(reply.json()).toEqual({
      error: {
        type: 'invalid_request_error',
        code,
        param,
        message: expect.stringContaining(param.split('[', 1)[0] ?? ''),
      },
    });
  });

  it('and a model that is not there names those that are', async () => {
    const reply = await post({ model: 'dall-e-9', messages: [user('a fox')] });
    expect(reply.statusCode).toBe(404);
    expect(reply.json().error).toMatchObject({
      code: 'model_not_found',
      param: 'model',
      message: expect.stringContaining(model),
    });
  });

  it('but the name of another service for a model is understood', async () => {
    expect((await post({ model: `google/${model}`, messages: [user('a fox')] })).json().model).toBe(model);
  });

  it('and a key that is wrong', async () => {
    const reply = await harness.current.call({ method: 'POST', url, payload: {} }, 'wrong');
    expect([reply.statusCode, reply.json().error.code]).toEqual([401, 'invalid_api_key']);
  });
});

describe('a completion', () => {
  it('can be asked for at any address that clients make of the base URL', async () => {
    for (const address of [
      '/chat/completions',
      '/v1/v1/chat/completions',
      '/api/v1/chat/completions/',
      '//v1//chat/completions',
    ]) {
      const payload = { model, messages: [user('a fox')] };
      const headers = { prefer: 'respond-async' };
      expect((await harness.current.call({ method: 'POST', url: address, payload, headers })).statusCode, address).toBe(
        202,
      );
    }
  });

  it('is read again by its id, and belongs to its organization', async () => {
    const made = await post({ messages: [user('a fox')] });
    expect(made.headers['location']).toBe(`${url}/${made.json().id}`);
    const read = await harness.current.call({ url: made.headers['location'] ?? '' });
    expect([read.statusCode, read.headers['retry-after'], read.json()]).toEqual([202, '3', made.json()]);
    const missing = await harness.current.call({ url: `${url}/chatcmpl-none` });
    expect([missing.statusCode, missing.json().error.code]).toEqual([404, 'not_found']);
  });

  it('that was cancelled is an error that no client repeats', async () => {
    const { id } = (await post({ messages: [user('a fox')] })).json();
    await harness.current.store.requests.cancel('default', id.slice('chatcmpl-'.length), harness.current.clock.now());
    const read = await harness.current.call({ url: `${url}/${id}` });
    expect([read.statusCode, read.headers['x-should-retry']]).toEqual([400, 'false']);
    expect(read.json().error.code).toBe('request_cancelled');
  });
});
