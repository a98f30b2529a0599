import type { InjectOptions } from 'fastify';
import { describe, expect, it } from 'vitest';
import { createInteractionsWire } from '../../src/wires/interactions/interactions-wire.ts';
import { useApp } from '../app-harness.ts';

/** What the Interactions API makes of a body, and how it refuses. Nothing is drawn here: every call is in the background. */

const app = useApp({ wires: (ports) => [createInteractionsWire(ports)] });
const model = 'gemini-3-pro-image';
const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
const url = '/v1beta/interactions';

async function create(body: object, options: InjectOptions = {}) {
  const payload = { model, background: true, ...body };
  const reply = await app.current.call({ method: 'POST', url, payload, ...options });
  return { status: reply.statusCode, headers: reply.headers, body: reply.json() };
}

/** The payload that the request has. */
async function toPayload(body: object): Promise<Record<string, unknown>> {
  const created = await create(body);
  expect(created).toMatchObject({ status: 200 });
  const request = await app.current.store.requests.find('default', created.body.id);
  return JSON.parse(request?.payload ?? '');
}

describe('a body', () => {
  it('becomes the payload of a request, key by key', async () => {
    const payload = await toPayload({
      input: 'A kite',
      system_instruction: 'Only wood',
      response_modalities: ['image'],
      response_format: [
        { type: 'text' },
        { type: 'image', mime_type: 'image/jpeg', aspect_ratio: '16:9', image_size: '2K', delivery: 'uri' },
      ],
      generation_config: { temperature: 0.5, top_p: 0.9, seed: 7, image_config: { aspect_ratio: '1:1' } },
      safety_settings: [{ type: 'hate_speech', threshold: 'block_only_high' }],
      tools: [{ type: 'google_search' }, { type: 'function', name: 'look_up' }],
      service_tier: 'standard',
      labels: { team: 'kites' },
    });
    expect(payload).toEqual({
      prompt: 'A kite',
      aspect_ratio: '16:9',
      image_size: '2K',
      image_output_format: 'jpeg',
      system_instruction: 'Only wood',
      temperature: 0.5,
      top_p: 0.9,
      seed: 7,
      safety_settings: [{ category: 'HARM_CATEGORY_HATE_SPEECH', threshold: 'BLOCK_ONLY_HIGH' }],
      google_search: true,
      interaction: { delivery: 'uri', without_text: true, labels: { team: 'kites' } },
    });
  });

  it('needs no more than a text: the model then chooses the ratio', async () => {
    expect(await toPayload({ input: 'A kite' })).toEqual({ prompt: 'A kite', aspect_ratio: 'auto' });
  });

  const picture = { type: 'image', uri: 'https://pictures.example/a.png' };
  const text = { type: 'text', text: 'A kite' };
  const asParts = [{ text: 'A kite' }, { fileData: { fileUri: picture.uri } }];

  it.each([
    ['a content', text, { prompt: 'A kite' }],
    ['a list of contents', [picture, text], { prompt: 'A kite', image: [picture.uri] }],
    ['steps', [{ type: 'user_input', content: [text] }], { prompt: 'A kite' }],
    [
      'texts between pictures',
      [text, picture, text],
      { contents: [{ role: 'user', parts: [...asParts, { text: 'A kite' }] }] },
    ],
    [
      'a conversation',
      [
        { type: 'user_input', content: [text] },
        { type: 'thought', signature: 'AAAA' },
        { type: 'model_output', content: [text, picture] },
        text,
      ],
      {
        contents: [
          { role: 'user', parts: [{ text: 'A kite' }] },
          { role: 'model', parts: asParts },
          { role: 'user', parts: [{ text: 'A kite' }] },
        ],
      },
    ],
  ])('takes as input %s', async (_what, input, payload) => {
    expect(await toPayload({ input })).toMatchObject(payload);
  });

  it('may contain pictures; who asks for the input gets their addresses', async () => {
    const { body } = await create({ input: [text, { type: 'image', mime_type: 'image/png', data: png }] });
    const read = await app.current.call({ url: `${url}/${body.id}?include_input=true` });
    expect(read.json()).toMatchObject({
      id: body.id,
      input: [text, { type: 'image', uri: expect.stringMatching(/^http:\/\/darkroom\.example\/media\/.+\.png$/) }],
    });
  });
});

describe('what cannot be done is refused by its name:', () => {
  it.each([
    [{ input: 'A', store: false }, 'store cannot be false'],
    [{ input: 'A', service_tier: 'turbo' }, 'service_tier must be one of standard, priority, flex'],
    [{ input: 'A', agent: 'deep-research' }, 'agent is not supported'],
    [{ input: 'A', cached_content: 'cachedContents/1' }, 'cached_content is not supported'],
    [{ input: 'A', colour: 'red' }, 'The body has "colour", which is not supported here'],
    [{ input: 'A', response_modalities: ['audio', 'image'] }, 'response_modalities[0] must be "image" or "text"'],
    [{ input: 'A', response_modalities: ['text'] }, 'response_modalities must contain "image"'],
    [{ input: 'A', response_format: { type: 'video' } }, 'response_format.type must be'],
    [
      { input: 'A', response_format: { type: 'image', mime_type: 'image/tiff' } },
      'response_format.mime_type must be one',
    ],
    [
      { input: 'A', response_format: [{ type: 'image', image_size: '9K' }] },
      'response_format.image_size must be one of',
    ],
    [
      { input: 'A', generation_config: { max_output_tokens: 9 } },
      'generation_config.max_output_tokens is not supported',
    ],
    [
      { input: 'A', generation_config: { temperature: 9 } },
      'generation_config.temperature must be a number from 0 to 2',
    ],
    [
      { input: 'A', safety_settings: [{ type: 'boredom', threshold: 'off' }] },
      'safety_settings[0].type must be one of',
    ],
    [{ input: 'A', tools: [{ type: 'google_search', search_types: ['image_search'] }] }, 'tools[0].search_types has'],
    [
      { input: 'A', webhook_config: { uris: ['http://a.example', 'http://b.example'] } },
      'webhook_config.uris has more',
    ],
    [{ input: 'A', webhook_config: { uris: ['http://10.0.0.1/'] } }, 'webhook_config.uris[0] cannot be called'],
    [
      { input: 'A', previous_interaction_id: 'nobody' },
      'previous_interaction_id is not the id of one of your requests',
    ],
    [{ input: [{ type: 'audio', data: 'AAAA' }] }, 'input[0].type is "audio", which'],
    [{ input: [{ type: 'image' }] }, 'input[0] must have either data (base64) or uri'],
    [{ input: [{ type: 'image', uri: 'ftp://a.example/a.png' }] }, 'input has a wrong entry at [0]'],
    [{ input: '' }, 'input is missing'],
    [{}, 'input is missing'],
  ])('%o', async (body, message) => {
    const { status, body: answer } = await create(body);
    expect({ status, message: answer.error?.message }).toEqual({
      status: 400,
      message: expect.stringContaining(message),
    });
  });

  it('with Google’s details, for programs', async () => {
    const { body } = await create({ input: 'A', store: false });
    expect(body).toEqual({
      error: {
        code: 400,
        message: expect.any(String),
        status: 'INVALID_ARGUMENT',
        details: [
          { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'INVALID_REQUEST', domain: 'darkroom' },
          {
            '@type': 'type.googleapis.com/google.rpc.BadRequest',
            fieldViolations: [{ field: 'store', description: expect.any(String) }],
          },
        ],
      },
    });
  });

  it('a model that there is not: the refusal lists those that there are', async () => {
    const { status, body } = await create({ model: 'models/gpt-5', input: 'A' });
    expect({ status, body }).toMatchObject({ status: 404, body: { error: { status: 'NOT_FOUND' } } });
    expect(body.error.message).toContain('Available models: gemini-3-pro-image-preview, gemini-3-pro-image,');
  });
});

describe('a call', () => {
  it.each([
    ['the header of Google', { headers: (key: string) => ({ 'x-goog-api-key': key }) }],
    ['a bearer token', { headers: (key: string) => ({ authorization: `Bearer ${key}` }) }],
    ['the query', { headers: () => ({}), query: (key: string) => `?key=${key}` }],
  ])(
    'may bring its key by %s',
    async (_how, { headers, query }: { headers: (key: string) => object; query?: (key: string) => string }) => {
      const { key } = app.current;
      const options = { method: 'POST', payload: { model, input: 'A', background: true } } as const;
      const reply = await app.current.call(
        { ...options, url: `${url}${query?.(key) ?? ''}`, headers: { ...headers(key) } },
        '',
      );
      expect(reply.statusCode).toBe(200);
      const without = await app.current.call({ ...options, url }, '');
      expect(without.json()).toMatchObject({ error: { code: 401, status: 'UNAUTHENTICATED' } });
    },
  );

  it.each([
    '/v1/interactions',
    '/interactions',
    '/v1alpha/interactions/',
    '/v1beta/v1beta/interactions',
    '//v1/v1beta/interactions',
    '/v1beta/projects/my-project/locations/global/interactions',
  ])('may be made at %s', async (spelling) => {
    const { status, body } = await create({ input: 'A' }, { url: spelling });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { object: 'interaction', status: 'queued', steps: [] },
    });
    const read = await app.current.call({ url: `${spelling.replace(/\/$/, '')}/${body.id}` });
    expect(read.json()).toMatchObject({ id: body.id });
  });

  it('may prefer an answer at once', async () => {
    const { status, body } = await create({ input: 'A', background: false }, { headers: { prefer: 'respond-async' } });
    expect({ status, body }).toMatchObject({ status: 200, body: { status: 'queued' } });
  });

  it('that is repeated with its Idempotency-Key gets the same interaction; another body is refused, without a status that clients repeat', async () => {
    const headers = { 'idempotency-key': 'once' };
    const first = await create({ input: 'A' }, { headers });
    const again = await create({ input: 'A' }, { headers });
    expect(again.body.id).toBe(first.body.id);
    expect(again.headers).toMatchObject({ 'idempotent-replayed': 'true', 'x-request-id': first.body.id });
    expect((await create({ input: 'B' }, { headers })).status).toBe(400);
  });

  it('for an interaction that there is not is refused in Google’s format', async () => {
    for (const method of ['GET', 'DELETE'] as const) {
      const reply = await app.current.call({ method, url: `${url}/nobody` });
      expect(reply.json()).toMatchObject({ error: { code: 404, status: 'NOT_FOUND' } });
    }
  });

  it('is described in the document of the service', async () => {
    const { paths } = (await app.current.call({ url: '/openapi.json' })).json();
    expect(Object.keys(paths)).toEqual(expect.arrayContaining([url, `${url}/{id}`, `${url}/{id}/cancel`]));
    const { content } = paths[url].post.requestBody;
    expect(Object.keys(content['application/json'].schema.properties)).toContain('previous_interaction_id');
  });
});
