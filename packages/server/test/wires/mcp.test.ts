import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as OldClient } from 'mcp-sdk-1/client/index.js';
import { StreamableHTTPClientTransport as OldTransport } from 'mcp-sdk-1/client/streamableHttp.js';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { drawPlain } from '../draw-plain.ts';
import { startServer, type TestServer } from '../start-server.ts';
import { startUpstream } from '../start-upstream.ts';

let upstream: Awaited<ReturnType<typeof startUpstream>>;
let server: TestServer;
const closing: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  upstream = await startUpstream(drawPlain);
  server = await startServer({ ...upstream.settings, DARKROOM_KEEP_ALIVE_SECONDS: '1' });
});

afterAll(async () => {
  await Promise.all(closing.map((client) => client.close()));
  await server.stop();
  await upstream.stop();
});

const url = () => new URL('/mcp', server.url);
const authorization = () => ({ authorization: `Bearer ${server.key}` });

async function connect(mode: 'legacy' | 'auto' | { pin: '2026-07-28' }, capabilities = {}): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' }, { capabilities, versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(url(), { requestInit: { headers: authorization() } }));
  closing.push(client);
  return client;
}

async function connectOld(): Promise<OldClient> {
  const client = new OldClient({ name: 'test', version: '1' });
  // The types of the old package are not written for exact optional properties.
  await client.connect(
    new OldTransport(url(), { requestInit: { headers: authorization() } }) as Parameters<OldClient['connect']>[0],
  );
  closing.push(client);
  return client;
}

const resultSchema = z.object({
  content: z.array(z.looseObject({ type: z.string() })),
  structuredContent: z.record(z.string(), z.unknown()).optional(),
  isError: z.boolean().optional(),
});

type Called = z.infer<typeof resultSchema>;

async function call(client: Client | OldClient, name: string, given: Record<string, unknown> = {}): Promise<Called> {
  return resultSchema.parse(await client.callTool({ name, arguments: given }));
}

const small = '[[sandbox size=64x64]]';
const impatient = { timeout: 300 };

function textOf({ content }: Called): string {
  return z.object({ text: z.string() }).parse(content[0]).text;
}

function idOf({ structuredContent }: Called): string {
  return z.object({ request_id: z.string() }).parse(structuredContent).request_id;
}

describe.each([
  ['a client of the revision 2026-07-28', () => connect({ pin: '2026-07-28' })],
  ['a client that tries which revision there is', () => connect('auto')],
  ['the same client with the old revision', () => connect('legacy')],
  ['a client of the old package', connectOld],
])('%s', (_name, open) => {
  it('finds the tools with their arguments', async () => {
    const client = await open();
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual([
      'generate_image',
      'edit_image',
      'get_result',
      'cancel',
      'list_models',
      'get_budget',
      'list_generations',
    ]);
    expect(tools[0]).toMatchObject({
      inputSchema: { type: 'object', required: ['prompt'], properties: { prompt: { type: 'string' } } },
      annotations: { readOnlyHint: false },
    });
    expect(client.getInstructions()).toContain('get_result');
  });

  it('makes a picture, and gets a link, a small preview and the cost', async () => {
    const client = await open();
    const answer = await call(client, 'generate_image', { prompt: 'a barn [[sandbox size=1600x900]]' });
    const [text, link, image] = answer.content;
    expect(text?.['text']).toMatch(/^1 picture by gemini-3-pro-image-preview for \$0\.\d+ \(request_id \S+\):\nhttp/);
    expect(link).toMatchObject({ type: 'resource_link', mimeType: 'image/png', size: expect.any(Number) });
    expect((await fetch(String(link?.['uri']))).status).toBe(200);
    const { width, height } = await sharp(Buffer.from(String(image?.['data']), 'base64')).metadata();
    expect([width, height]).toEqual([512, 288]);
    expect(answer.structuredContent).toMatchObject({
      status: 'success',
      cost_usd: expect.any(Number),
      images: [{ url: link?.['uri'], width: 1600, height: 900, mime_type: 'image/png' }],
    });
    expect(JSON.stringify(answer).length).toBeLessThan(100_000);
  });
});

describe('tools', () => {
  let client: Client;
  beforeAll(async () => {
    client = await connect({ pin: '2026-07-28' });
  });

  it('changes a picture of an earlier request, of a URL and of an upload, with references', async () => {
    const made = await call(client, 'generate_image', { prompt: `a cat ${small}` });
    const edited = await call(client, 'edit_image', { prompt: `a hat ${small}`, request_id: idOf(made), index: 0 });
    expect(edited.structuredContent).toMatchObject({ status: 'success' });
    const source = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#00f' } })
      .png()
      .toBuffer();
    const uploaded = await server.client.upload(source);
    const references = [{ request_id: idOf(made) }, { upload_id: uploaded.split('/').at(-1) }];
    const fromUrl = await call(client, 'edit_image', { prompt: `blue ${small}`, url: uploaded, references });
    const record = await server.client.status(idOf(fromUrl));
    expect(record.payload).toMatchObject({
      aspect_ratio: 'auto',
      image: [uploaded, expect.stringContaining('/media/'), uploaded],
    });
    expect(record.status).toBe('success');
  });

  it('names the argument that is wrong', async () => {
    const wrong = await call(client, 'generate_image', { prompt: 'x', aspect_ratio: '7:3', image_size: '9K' });
    expect(wrong.isError).toBe(true);
    expect(textOf(wrong)).toMatch(/^aspect_ratio .*; image_size |^image_size .*; aspect_ratio /);
    expect(textOf(await call(client, 'generate_image', {}))).toMatch(/^prompt must be a string/);
    expect(textOf(await call(client, 'generate_image', { prompt: 'x', size: '1K' }))).toMatch(
      /^size is not an argument/,
    );
    expect(textOf(await call(client, 'edit_image', { prompt: 'x' }))).toMatch(
      /^request_id or url or upload_id must be given/,
    );
    const reference = { prompt: 'x', references: [{ request_id: 'none' }] };
    expect(textOf(await call(client, 'generate_image', reference))).toMatch(/^references\[0\]\.request_id is not/);
    const upload = { prompt: 'x', upload_id: '../keys' };
    expect(textOf(await call(client, 'edit_image', upload))).toMatch(/^upload_id must be the id of an upload/);
    const unknown = { prompt: 'x', request_id: 'none' };
    expect(textOf(await call(client, 'edit_image', unknown))).toMatch(/^request_id is not the id/);
    const file = { prompt: 'x', url: '/home/me/cat.png' };
    expect(textOf(await call(client, 'edit_image', file))).toMatch(/^url must be an http/);
    await expect(client.callTool({ name: 'paint', arguments: {} })).rejects.toThrow(/There is no tool "paint"/);
  });

  it('lists the models when there is no such model', async () => {
    const wrong = await call(client, 'generate_image', { prompt: 'x', model: 'dall-e-9' });
    expect(textOf(wrong)).toMatch(/^There is no such model. The models are gemini-3-pro-image-preview, /);
    expect(wrong.structuredContent).toMatchObject({ error: { code: 'model_not_found' } });
    const { structuredContent } = await call(client, 'list_models');
    expect(structuredContent).toMatchObject({
      models: expect.arrayContaining([expect.objectContaining({ usd_per_image: expect.any(Object) })]),
    });
  });

  it('says what failed, and whether another try helps', async () => {
    const failed = await call(client, 'generate_image', { prompt: '[[sandbox status=400]]' });
    expect(failed).toMatchObject({
      isError: true,
      structuredContent: { status: 'failed', error: { retryable: false } },
    });
    expect(textOf(failed)).toMatch(/^The request \S+ failed \(\w+\): .* It cost \$0\.00\.$/);
  });

  it('cancels, and reports the budget that stops a request', async () => {
    const given = { prompt: `slow ${small} [[sandbox delay=2s]]`, wait_seconds: 0 };
    const pending = await call(client, 'generate_image', given);
    const cancelled = await call(client, 'cancel', { request_id: idOf(pending) });
    expect(cancelled.structuredContent).toMatchObject({ status: 'cancelled' });
    const budget = { scope: 'organization', id: 'default', period: 'month' } as const;
    await server.admin.setBudget(budget, 0.01);
    const refused = await call(client, 'generate_image', { prompt: 'x' });
    expect(refused).toMatchObject({ isError: true, structuredContent: { error: { code: 'budget_exceeded' } } });
    expect((await call(client, 'get_budget')).structuredContent).toMatchObject({
      budgets: [{ scope: 'organization', limit_usd: 0.01, left_usd: 0 }],
    });
    await server.admin.removeBudget(budget);
  });

  it('keeps four previews however many pictures there are, and lists them all', async () => {
    const many = await call(client, 'generate_image', { prompt: `tiles ${small}`, number_of_images: 4 });
    expect(many.content.map(({ type }) => type)).toEqual([
      'text',
      ...Array<string>(4).fill('resource_link'),
      ...Array<string>(4).fill('image'),
    ]);
  });
});

describe('a picture that takes long', () => {
  it('is answered by its request_id, and get_result waits for it while comments keep the line alive', async () => {
    const client = await connect('legacy');
    const given = { prompt: `fog ${small} [[sandbox delay=1500ms]]`, wait_seconds: 0 };
    const pending = await call(client, 'generate_image', given);
    expect(pending).toMatchObject({
      structuredContent: { poll_after_seconds: 5, next_tool: 'get_result' },
    });
    expect(textOf(pending)).toContain(`Call get_result with request_id "${idOf(pending)}"`);
    const answer = await post({
      method: 'tools/call',
      params: { name: 'get_result', arguments: { request_id: idOf(pending) } },
    });
    expect(answer.headers.get('x-accel-buffering')).toBe('no');
    expect(answer.headers.get('content-type')).toContain('text/event-stream');
    const text = await answer.text();
    expect(text.match(/^: keepalive$/gm)?.length).toBeGreaterThan(0);
    expect(text).toContain('"status":"success"');
  });

  it('tells a client that wants to know how it goes', async () => {
    const client = await connect({ pin: '2026-07-28' });
    const heard: unknown[] = [];
    const given = { prompt: `dew ${small} [[sandbox delay=500ms]]` };
    await client.callTool(
      { name: 'generate_image', arguments: given },
      { onprogress: (progress) => heard.push(progress) },
    );
    expect(heard).toMatchObject([{ progress: expect.any(Number), message: expect.stringMatching(/\.$/) }]);
  });

  it.each([
    ['closes its line', () => connect({ pin: '2026-07-28' })],
    ['leaves it open', connectOld],
  ])(
    'is found by a client that gave up and %s, which makes the same call again: it is made once',
    async (how, open) => {
      const before = upstream.calls();
      const client = await open();
      const arguments_ = { prompt: `lost barn, ${how} ${small} [[sandbox delay=1s]]` };
      const given = { name: 'generate_image', arguments: arguments_ };
      const tried =
        client instanceof OldClient ? client.callTool(given, undefined, impatient) : client.callTool(given, impatient);
      await expect(tried).rejects.toThrow(/timed out/i);
      const again = await call(client, 'generate_image', arguments_);
      expect(again.structuredContent).toMatchObject({ status: 'success' });
      const listed = await call(client, 'list_generations', { text: `lost barn, ${how}` });
      expect(listed.structuredContent).toMatchObject({ requests: [{ request_id: idOf(again) }] });
      expect(upstream.calls() - before).toBe(1);
    },
  );

  it('is not made again by the same call before get_result has answered, and is afterwards', async () => {
    const client = await connect('legacy');
    const given = { prompt: `dune ${small} [[sandbox delay=300ms]]`, wait_seconds: 0 };
    const first = await call(client, 'generate_image', given);
    const again = await call(client, 'generate_image', given);
    expect(idOf(again)).toBe(idOf(first));
    await call(client, 'get_result', { request_id: idOf(first) });
    expect(idOf(await call(client, 'generate_image', given))).not.toBe(idOf(first));
  });

  it('is made once for the same idempotency_key', async () => {
    const client = await connect('legacy');
    const given = { prompt: `twin ${small}`, idempotency_key: 'twin-1' };
    const [first, second] = await Promise.all([
      call(client, 'generate_image', given),
      call(client, 'generate_image', given),
    ]);
    expect(idOf(first)).toBe(idOf(second));
    const other = await call(client, 'generate_image', { ...given, prompt: 'other' });
    expect(other).toMatchObject({ isError: true, structuredContent: { error: { code: 'idempotency_conflict' } } });
  });
});

describe('tasks', () => {
  const declared = { extensions: { 'io.modelcontextprotocol/tasks': {} } };
  const taskSchema = z.looseObject({ taskId: z.string(), status: z.string() });

  it('are the answer to a client that declares them, and are there before the answer is', async () => {
    const client = await connect({ pin: '2026-07-28' }, declared);
    const task = await createTask({ prompt: `task ${small} [[sandbox delay=500ms]]` });
    expect(task).not.toHaveProperty('content');
    expect(task).toMatchObject({ resultType: 'task', status: 'working', ttlMs: null, pollIntervalMs: 3000 });
    const params = { taskId: task.taskId };
    expect(await client.request({ method: 'tasks/get', params }, taskSchema)).toMatchObject({ status: 'working' });
    await server.client.wait(task.taskId);
    const done = await client.request({ method: 'tasks/get', params }, taskSchema);
    expect(done).toMatchObject({
      status: 'completed',
      result: { content: [{ type: 'text' }, { type: 'resource_link' }, { type: 'image' }] },
    });
  });

  it('are cancelled, and unknown ones are invalid', async () => {
    const client = await connect({ pin: '2026-07-28' }, declared);
    const { taskId } = await createTask({ prompt: `task ${small} [[sandbox delay=1s]]` });
    expect(await client.request({ method: 'tasks/cancel', params: { taskId } }, z.looseObject({}))).not.toHaveProperty(
      'status',
    );
    expect(await client.request({ method: 'tasks/get', params: { taskId } }, taskSchema)).toMatchObject({
      status: 'cancelled',
    });
    const unknown = client.request({ method: 'tasks/get', params: { taskId: 'none' } }, taskSchema);
    await expect(unknown).rejects.toMatchObject({ code: -32_602 });
  });

  it('are refused to a client that does not declare them', async () => {
    const client = await connect({ pin: '2026-07-28' });
    const got = client.request({ method: 'tasks/get', params: { taskId: 'x' } }, taskSchema);
    await expect(got).rejects.toMatchObject({ code: -32_021, data: { requiredCapabilities: declared } });
  });

  /** The client has no call of its own whose answer may be a task. */
  async function createTask(given: object) {
    const name = 'generate_image';
    const _meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': declared,
    };
    const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': name };
    const answer = await post({ method: 'tools/call', params: { name, arguments: given, _meta } }, headers);
    const data = /^data: (.*)$/m.exec(await answer.text())?.[1] ?? '';
    return z.object({ result: taskSchema }).parse(JSON.parse(data)).result;
  }
});

describe('the address', () => {
  it('refuses calls without a key, other methods and broken bodies in the words of JSON-RPC, and no others', async () => {
    const missing = await fetch(url(), { method: 'POST', body: '{}' });
    expect(missing.status).toBe(401);
    expect(missing.headers.get('www-authenticate')).toBe('Bearer');
    expect(await missing.json()).toMatchObject({ jsonrpc: '2.0', id: null, error: { data: { code: 'unauthorized' } } });
    expect((await fetch(url(), { headers: authorization() })).status).toBe(405);
    const vague = { method: 'POST', body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}', headers: authorization() };
    expect(await (await fetch(url(), vague)).text()).toContain('generate_image');
    const broken = await fetch(url(), {
      method: 'POST',
      body: '{',
      headers: { ...authorization(), 'content-type': 'application/json' },
    });
    expect(await broken.json()).toMatchObject({ error: { code: -32_700 } });
  });

  it('takes a batch of a few messages, and names one argument of too many pictures', async () => {
    const send = async (body: object) => {
      const headers = { ...authorization(), accept: 'application/json, text/event-stream' };
      const reply = await fetch(url(), { method: 'POST', headers, body: JSON.stringify(body) });
      return [reply.status, await reply.text()] as const;
    };
    const message = (id: number, name: string, given: object) => ({
      jsonrpc: '2.0',
      id,
      method: 'tools/call',
      params: { name, arguments: given },
    });
    const batch = (length: number) => Array.from({ length }, (_, id) => message(id, 'get_budget', {}));
    expect((await send(batch(10)))[1].match(/"budgets":/g)).toHaveLength(10);
    expect(await send(batch(11))).toEqual([400, expect.stringContaining('at most 10 are allowed')]);
    const references = Array(51).fill({ request_id: 'none' });
    const many = message(1, 'generate_image', { prompt: 'a', references });
    expect((await send(many))[1]).toContain('references has more than 50 pictures');
  });

  it('ends the streams that wait for changes when the service stops', async () => {
    const own = await startServer({});
    const _meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
    };
    const params = { notifications: { toolsListChanged: true }, _meta };
    const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'subscriptions/listen' };
    const stream = await post({ method: 'subscriptions/listen', params }, headers, own);
    expect(stream.headers.get('content-type')).toContain('text/event-stream');
    const text = stream.text();
    await own.stop();
    expect(await text).toContain('notifications/subscriptions/acknowledged');
  });
});

function post(message: object, headers: Record<string, string> = {}, to = server): Promise<Response> {
  return fetch(new URL('/mcp', to.url), {
    method: 'POST',
    headers: {
      authorization: `Bearer ${to.key}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...message }),
  });
}
