import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawPlain } from '../draw-plain.ts';
import { startServer, type TestServer } from '../start-server.ts';

let server: TestServer;
let stranger: string;

beforeAll(async () => {
  server = await startServer({}, { illustrate: drawPlain });
  const key = await fetch(`${server.url}/api/v1/admin/keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'stranger', organization_ids: ['org-b'] }),
  });
  stranger = ((await key.json()) as { api_key: string }).api_key;
});
afterAll(() => server.stop());

const small = 'a [[sandbox size=64x64]]';

async function call(
  address: string,
  {
    key = server.key,
    body,
    headers: more = {},
  }: { readonly key?: string; readonly body?: object; readonly headers?: Readonly<Record<string, string>> } = {},
) {
  const [method = '', url = ''] = address.split(' ');
  const headers = {
    authorization: `Bearer ${key}`,
    accept: 'application/json, text/event-stream',
    ...(body && { 'content-type': 'application/json' }),
    ...more,
  };
  const reply = await fetch(server.url + url, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  return { status: reply.status, text: await reply.text() };
}

/** Where the wires keep what they have to repeat; a caller of another wire may write anything there. */
const notes = { fal: null, replicate: null, chat: null, response: null, interaction: null };

describe('a request, its pictures and uploads', () => {
  it('are unknown to other organizations, whichever wire they ask by', async () => {
    const { request_id: id } = await server.client.submit({
      model: 'gemini-3-pro-image',
      payload: { prompt: small, ...notes },
    });
    await server.client.wait(id);
    const upload = await fetch(`${server.url}/fal/storage/files/upload`, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.key}`, 'content-type': 'image/png' },
      body: Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')], 64),
    });
    const file = String(((await upload.json()) as { access_url: string }).access_url.split('/').at(-1));
    const mcp = (name: string, given: object) => ({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name, arguments: given },
    });
    const reads = [
      `GET /v1/images/tasks/${id}`,
      `GET /v1/chat/completions/chatcmpl-${id}`,
      `GET /v1/responses/resp_${id}`,
      `GET /v1beta/operations/${id}`,
      `GET /v1beta/interactions/${id}`,
      `GET /v1beta/interactions/${id}?include_input=true`,
      `GET /v1/predictions/${id}`,
      `GET /fal/queue/fal-ai/x/requests/${id}`,
      `GET /fal/queue/fal-ai/x/requests/${id}/status`,
      `GET /v1/files/${file}`,
      `GET /v1beta/files/${file}`,
    ];
    const writes = [
      `POST /v1/responses/resp_${id}/cancel`,
      `DELETE /v1/responses/resp_${id}`,
      `POST /v1beta/interactions/${id}/cancel`,
      `DELETE /v1beta/interactions/${id}`,
      `POST /v1/predictions/${id}/cancel`,
      `PUT /fal/queue/fal-ai/x/requests/${id}/cancel`,
    ];
    for (const address of [...reads, ...writes])
      expect([address, (await call(address, { key: stranger })).status]).toEqual([address, 404]);
    for (const address of reads) expect([address, (await call(address)).status]).toEqual([address, 200]);
    for (const body of [
      mcp('get_result', { request_id: id }),
      mcp('cancel', { request_id: id }),
      mcp('edit_image', { prompt: small, request_id: id, wait_seconds: 0 }),
      mcp('generate_image', { prompt: small, references: [{ request_id: id }], wait_seconds: 0 }),
    ])
      expect((await call('POST /mcp', { key: stranger, body })).text).toMatch(
        /no request with this id|of your requests/,
      );
    for (const [url, body] of [
      ['/v1/responses', { input: small, previous_response_id: `resp_${id}`, background: true }],
      ['/v1/images/generations', { prompt: small, previous_request_id: id, async: true }],
      [
        '/v1beta/interactions',
        { model: 'gemini-3-pro-image', input: small, previous_interaction_id: id, background: true },
      ],
    ] as const)
      expect([url, (await call(`POST ${url}`, { key: stranger, body })).text]).toEqual([
        url,
        expect.stringContaining('one of your'),
      ]);
    const lists = ['GET /v1/predictions', 'POST /mcp'];
    for (const address of lists) {
      const body = address.startsWith('POST') ? { body: mcp('list_generations', {}) } : {};
      expect((await call(address, { key: stranger, ...body })).text).not.toContain(id);
      expect((await call(address, body)).text).toContain(id);
    }
  });
});

it('a query that names a key twice is no fault of the service', async () => {
  const addresses = [
    'GET /v1/models?output_modalities=a&output_modalities=image',
    'GET /v1/predictions?cursor=a&cursor=b',
    'GET /v1/predictions?cursor=%FF',
    'GET /v1beta/models?key=a&key=b',
    'GET /v1beta/interactions/x?stream=a&stream=b',
    'GET /v1/responses/x?stream=true&stream=b',
    'POST /upload/v1beta/resumable?upload_id=a&upload_id=b',
    'POST /fal/queue/fal-ai/nano-banana-pro?fal_webhook=https://a.example&fal_webhook=https://b.example',
    'GET /fal/queue/a/b/requests/x/status?logs=1&logs=1',
    'POST /v1/images/generations?async=true&async=b',
    'POST /v1beta/models/gemini-3-pro-image:streamGenerateContent?alt=sse&alt=b',
  ];
  const replies = await Promise.all(
    addresses.map(async (address) => [
      address,
      (await call(address, address.startsWith('POST') ? { body: { prompt: 5 } } : {})).status,
    ]),
  );
  expect(replies.filter(([, status]) => Number(status) >= 500)).toEqual([]);
});

describe('a call that forbids another model', () => {
  const model = 'gemini-3-pro-image';
  const contents = [{ parts: [{ text: small }] }];
  const messages = [{ role: 'user', content: small }];
  const picture = { name: 'generate_image', arguments: { prompt: small } };
  const submits: readonly [wire: string, url: string, body: object][] = [
    ['openai', '/v1/images/generations?async=true', { model, prompt: small }],
    ['chat', '/v1/chat/completions', { model, messages }],
    ['responses', '/v1/responses', { model, input: small, background: true }],
    ['gemini', `/v1beta/models/${model}:generateContent`, { contents }],
    ['interactions', '/v1beta/interactions', { model, input: small, background: true }],
    ['fal', '/fal/queue/fal-ai/nano-banana-pro', { prompt: small }],
    ['replicate', '/v1/models/google/nano-banana-pro/predictions', { input: { prompt: small } }],
    ['gateway', '/v4/ai/image-model', { prompt: small, n: 1, providerOptions: {} }],
    ['mcp', '/mcp', { jsonrpc: '2.0', id: 1, method: 'tools/call', params: picture }],
  ];
  const newest = async () => (await server.client.list({ limit: 1 })).requests[0];

  it.each(submits)('by its header on the wire %s', async (wire, url, body) => {
    const headers = { 'x-darkroom-fallback': 'false', 'ai-model-id': model };
    expect(await call(`POST ${url}`, { body, headers })).toMatchObject({
      status: expect.toSatisfy((one) => one < 300),
    });
    expect(await newest()).toMatchObject({ wire, fallback: false });
  });

  it.each(submits.slice(0, 3))('by the key of its body on the wire %s', async (wire, url, body) => {
    await call(`POST ${url}`, { body: { ...body, fallback: false } });
    expect(await newest()).toMatchObject({ wire, fallback: false });
    expect((await call(`POST ${url}`, { body: { ...body, fallback: 'no' } })).text).toContain('must be true or false');
    expect((await newest())?.fallback).toBe(false);
  });
});

describe('a server without keys', () => {
  it('lists the models of Google first, then those of OpenAI', async () => {
    const { model_ids: ids } = await server.client.models();
    expect(ids[0]).toBe('gemini-3-pro-image-preview');
    const firstOfOpenai = ids.findIndex((id) => id.startsWith('gpt-image-'));
    expect(ids.slice(firstOfOpenai).every((id) => id.startsWith('gpt-image-'))).toBe(true);
    expect(ids).toContain('gpt-image-2');
  });

  it('makes the pictures of OpenAI’s models too, also of a picture that Google’s has made', async () => {
    const made = await server.client.submit({ model: 'gemini-3-pro-image', payload: { prompt: small } });
    const [first] = (await server.client.wait(made.request_id)).media ?? [];
    const payload = { prompt: 'bluer', previous_request_id: made.request_id, quality: 'low' } as const;
    const { request_id } = await server.client.submit({ model: 'gpt-image-2', payload });
    const record = await server.client.wait(request_id);
    expect(record).toMatchObject({ status: 'success', cost_usd: 0, media: [{ width: 1024, height: 1024 }] });
    expect(record.media?.[0]?.sha256).not.toBe(first?.sha256);
    const { attempts } = await server.client.attempts(request_id);
    expect(attempts).toMatchObject([{ upstream: 'sandbox', would_cost_usd: expect.toSatisfy((cost) => cost > 0) }]);
  });
});
