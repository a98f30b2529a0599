import { describe, expect, it } from 'vitest';
import { createResponsesWire } from '../../src/wires/responses/responses-wire.ts';
import { model, useApp } from '../app-harness.ts';

const harness = useApp({ wires: (ports) => [createResponsesWire(ports)] });

const url = '/v1/responses';
const user = (content: unknown) => ({ role: 'user', content });
const tool = (more: object) => ({ tools: [{ type: 'image_generation', ...more }] });

/** Calls without waiting for the picture. */
const post = (body: object) =>
  harness.current.call({ method: 'POST', url, payload: { model, background: true, ...body } });

/** The payload that a call becomes. */
async function toPayload(body: object): Promise<unknown> {
  const reply = await post(body);
  expect(reply.statusCode, reply.body).toBe(200);
  const found = await harness.current.store.requests.find('default', reply.json().id.slice('resp_'.length));
  return JSON.parse(found?.payload ?? '');
}

describe('an input becomes a payload', () => {
  it('of a prompt, when it is a text or one message', async () => {
    expect(await toPayload({ input: 'a fox' })).toMatchObject({ prompt: 'a fox' });
    const parts = [
      { type: 'input_text', text: 'make it blue' },
      { type: 'input_image', image_url: 'https://pictures.example/a.png', detail: 'auto' },
    ];
    expect(await toPayload({ input: [user(parts)] })).toMatchObject({
      prompt: 'make it blue',
      image: ['https://pictures.example/a.png'],
    });
  });

  it('of turns, when it has answers; what only tools have said stays', async () => {
    const input = [
      { role: 'developer', content: 'Be brief.' },
      user('a fox'),
      { type: 'reasoning', id: 'rs_1', summary: [] },
      { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c', output: 'It is red.' },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Here.' }] },
      { type: 'image_generation_call', id: 'ig_other', status: 'completed', result: 'iVBORw0KGgo'.repeat(8) },
      user('make it blue'),
    ];
    const payload = await toPayload({ input, instructions: 'Be kind.' });
    expect(payload).toMatchObject({
      system_instruction: 'Be kind.\n\nBe brief.',
      contents: [
        { role: 'user', parts: [{ text: 'a fox' }, { text: 'It is red.' }] },
        // The row keeps pictures apart.
        { role: 'model', parts: [{ text: 'Here.' }, { inlineData: { data: '' } }] },
        { role: 'user', parts: [{ text: 'make it blue' }] },
      ],
    });
  });

  it('with what the tool says about the picture', async () => {
    const { tools } = tool({
      size: '1536x1024',
      quality: 'high',
      output_format: 'jpeg',
      partial_images: 2,
      moderation: 'low',
    });
    const payload = await toPayload({
      input: 'a fox',
      tools: [{ type: 'function', name: 'f', parameters: {}, strict: true }, ...tools],
      tool_choice: { type: 'image_generation' },
      metadata: { order: '7' },
      temperature: 0.5,
      store: false,
    });
    expect(payload).toEqual({
      prompt: 'a fox',
      aspect_ratio: '3:2',
      image_size: '2K',
      image_output_format: 'jpeg',
      temperature: 0.5,
      response: { background: true, metadata: { order: '7' }, tool: tools[0] },
    });
  });

  it('with a mask, beside which the picture keeps its size', async () => {
    const parts = [
      { type: 'input_text', text: 'a hat' },
      { type: 'input_image', image_url: 'https://pictures.example/a.png' },
    ];
    const input_image_mask = { image_url: 'https://pictures.example/mask.png' };
    const mask = { size: '1536x1024', output_format: 'webp', output_compression: 80, input_image_mask };
    expect(await toPayload({ input: [user(parts)], ...tool(mask) })).toMatchObject({
      image: ['https://pictures.example/a.png'],
      mask: 'https://pictures.example/mask.png',
      aspect_ratio: 'auto',
      image_output_format: 'webp',
      image_output_compression: 80,
    });
  });
});

describe('a call that asks for something else is refused by the name of the field', () => {
  it.each([
    ['text.format', { text: { format: { type: 'json_schema' } } }, 'unsupported_parameter'],
    ['tools[0].background', tool({ background: 'transparent' }), 'unsupported_parameter'],
    ['tools[0].output_format', tool({ output_format: 'gif' }), 'invalid_value'],
    ['tools[0].output_compression', tool({ output_compression: 50 }), 'invalid_value'],
    [
      'tools.input_image_mask',
      tool({ input_image_mask: { image_url: 'https://x.example/mask.png' } }),
      'invalid_value',
    ],
    ['tools[0].frame_count', tool({ frame_count: 8 }), 'invalid_value'],
    ['tools[0].svg', tool({ svg: {} }), 'invalid_value'],
    ['tools[0].action', tool({ action: 'edit' }), 'invalid_value'],
    ['tools[0].input_image_mask.file_id', tool({ input_image_mask: { file_id: 'f' } }), 'invalid_value'],
    ['tools.aspect_ratio', tool({ aspect_ratio: '7:5' }), 'invalid_value'],
    ['size', tool({ size: 'huge' }), 'invalid_value'],
    ['conversation', { conversation: 'conv_1' }, 'invalid_value'],
    ['prompt', { prompt: { id: 'p' } }, 'invalid_value'],
    ['previous_response_id', { previous_response_id: 'resp_none' }, 'invalid_value'],
    ['input', { input: [user('a'), { role: 'assistant', content: 'b' }] }, 'invalid_value'],
    ['input[0].content[0].file_id', { input: [user([{ type: 'input_image', file_id: 'f' }])] }, 'invalid_value'],
    ['input[0].type', { input: [{ type: 'mcp_call', id: 'm' }] }, 'invalid_value'],
    ['input[0].id', { input: [{ type: 'item_reference', id: 'ig_none_0' }] }, 'invalid_value'],
  ])('%s', async (param, body, code) => {
    const reply = await post({ input: 'a fox', ...body });
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

  it('and more pictures of earlier answers than a conversation has', async () => {
    const made = { type: 'image_generation_call', id: 'ig_none_0', result: 'aaaa' };
    const reply = await post({ input: [user('a fox'), ...Array(501).fill(made), user('bluer')] });
    expect([reply.statusCode, reply.json().error.message]).toEqual([
      400,
      expect.stringContaining('more than 500 pictures'),
    ]);
  });

  it('and a model that is not there names those that are', async () => {
    const reply = await post({ model: 'gpt-9', input: 'a fox' });
    expect([reply.statusCode, reply.json().error.code]).toEqual([404, 'model_not_found']);
  });
});

describe('a response', () => {
  it('in the background is answered at once, read, cancelled, and then deleted', async () => {
    const { call } = harness.current;
    const made = await post({ input: 'a fox', metadata: { order: '7' }, ...tool({ quality: 'low' }) });
    const { id } = made.json();
    expect(made.json()).toMatchObject({
      object: 'response',
      status: 'queued',
      background: true,
      output: [],
      error: null,
      metadata: { order: '7' },
      tools: [{ type: 'image_generation', quality: 'low' }],
    });
    expect((await call({ url: `${url}/${id}` })).json()).toEqual(made.json());
    const cancelled = await call({ method: 'POST', url: `${url}/${id}/cancel` });
    expect(cancelled.json()).toMatchObject({ id, status: 'cancelled' });
    const deleted = await call({ method: 'DELETE', url: `${url}/${id}` });
    expect(deleted.json()).toEqual({ id, object: 'response', deleted: true });
    const gone = await call({ url: `${url}/${id}` });
    expect([gone.statusCode, gone.json().error.code]).toEqual([410, 'deleted']);
  });

  it('that has not ended can be deleted', async () => {
    const { id } = (await post({ input: 'a fox' })).json();
    const deleted = await harness.current.call({ method: 'DELETE', url: `${url}/${id}` });
    expect(deleted.json()).toEqual({ id, object: 'response', deleted: true });
  });

  it('is accepted at once for those who prefer that, and cannot be streamed later', async () => {
    const { call } = harness.current;
    const payload = { model, input: 'a fox' };
    const made = await call({ method: 'POST', url: '/responses', payload, headers: { prefer: 'respond-async' } });
    expect([made.statusCode, made.headers['location']]).toEqual([202, `${url}/${made.json().id}`]);
    const streamed = await call({ url: `${url}/${made.json().id}?stream=true` });
    expect([streamed.statusCode, streamed.json().error.param]).toEqual([400, 'stream']);
    expect((await call({ url: `${url}/resp_none` })).json().error.code).toBe('not_found');
  });
});
