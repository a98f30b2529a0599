import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DarkroomProcess } from '../darkroom-process.ts';
import { plantPlugs } from './plant-plugs.ts';
import { startScratchEngine } from './scratch-engine.ts';

/** A vendor and a dialect that nobody had in mind: what their folders need beside themselves is a line each in compose. */
describe('a provider and a wire from outside, a folder and a line in compose each,', () => {
  let engine: Awaited<ReturnType<typeof startScratchEngine>>;
  let plugs: Awaited<ReturnType<typeof plantPlugs>>;
  let server: DarkroomProcess;
  let key: string;

  beforeAll(async () => {
    [engine, plugs] = await Promise.all([startScratchEngine(), plantPlugs()]);
    const upstream = { name: 'studio', provider: 'scratch', api_key: 'engine-key', base_url: engine.url };
    server = await DarkroomProcess.start({ DARKROOM_UPSTREAMS: JSON.stringify([upstream]) }, plugs.bin);
    key = await server.key();
  });

  afterAll(async () => {
    await server?.remove();
    await engine?.stop();
    await plugs?.remove();
  });

  const call = async (method: string, url: string, options: { body?: object; headers?: object } = {}) => {
    const response = await fetch(`${server.url}/scratch${url}`, {
      method,
      headers: {
        'x-scratch-key': key,
        ...(options.body && { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(options.body && { body: JSON.stringify(options.body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }; // the wire gives objects
  };
  const submit = (body: object, headers = {}) => call('POST', '/tickets', { body, headers });
  const wait = async (ticket: unknown) => (await call('GET', `/tickets/${ticket}`)).body;

  it('make a picture together: the pixels of the model, at its price, with the attempt in the log', async () => {
    const { body: ticket } = await submit({ words: 'green', big: true, wide: true });
    const done = await wait(ticket['ticket']);
    expect(done).toMatchObject({ ticket: ticket['ticket'], state: 'success' });
    const picture = Buffer.from(await (await fetch(String(done['picture']))).arrayBuffer());
    expect(await sharp(picture).metadata()).toMatchObject({ format: 'png', width: 480, height: 120 });
    const client = await server.client();
    const record = await client.status(String(ticket['ticket']));
    expect(record).toMatchObject({ model: 'sketch-1', status: 'success', estimated_cost_usd: 0.004, cost_usd: 0.004 });
    const { attempts } = await client.attempts(record.request_id);
    expect(attempts).toMatchObject([{ upstream: 'studio', result: 'succeeded' }]);
  });

  it('are served by the queue wire as well: the model with its sizes, ratios and prices, and requests for it', async () => {
    const client = await server.client();
    const { model_ids: ids } = await client.models();
    expect(ids).toContain('sketch-1');
    const payload = { prompt: 'blue', image_size: 'poster', aspect_ratio: 'square' };
    const { request_id } = await client.submit({ model: 'sketch-1', payload });
    const record = await client.wait(request_id);
    expect(record).toMatchObject({ status: 'success', media: [{ width: 240, height: 240 }] });
    await expect(client.submit({ model: 'sketch-1', payload: { ...payload, image_size: '4K' } })).rejects.toThrow(
      'payload.image_size must be one of "postcard", "poster"',
    );
  });

  it('wait out an overload and tell a refusal in the words of the wire', async () => {
    const [busy, forbidden] = await Promise.all([submit({ words: 'busy yellow' }), submit({ words: 'forbidden red' })]);
    expect(await wait(forbidden.body['ticket'])).toMatchObject({ state: 'failed: prompt_blocked', picture: null });
    expect(await wait(busy.body['ticket'])).toMatchObject({ state: 'success' });
    expect(engine.heard.filter((words) => words === 'busy yellow')).toHaveLength(2);
    expect(engine.heard.filter((words) => words === 'forbidden red')).toHaveLength(1);
  });

  it('have the error shape and the key of the wire, and never pay twice for one submit', async () => {
    expect(await submit({ words: 'red', engine: 'no-such' })).toEqual({
      status: 418,
      body: { oops: 'Model not found', kind: 'model_not_found' },
    });
    expect(await call('POST', '/tickets', { body: {}, headers: { 'x-scratch-key': '' } })).toMatchObject({
      status: 401,
      body: { kind: 'unauthorized' },
    });
    const [one, other] = await Promise.all([
      submit({ words: 'once' }, { 'x-once': 'key-1' }),
      submit({ words: 'once' }, { 'x-once': 'key-1' }),
    ]);
    expect(one.body['ticket']).toBe(other.body['ticket']);
    await wait(one.body['ticket']);
    expect(engine.heard.filter((words) => words === 'once')).toHaveLength(1);
  });

  it('bring their part of the OpenAPI document', async () => {
    const document = (await (await fetch(`${server.url}/openapi.json`)).json()) as { paths: Record<string, object> };
    expect(document.paths['/scratch/tickets']).toHaveProperty('post.tags', ['Scratch']);
  });

  it('import only rooms that the plan allows them', () => {
    const allowed = { providers: ['core', 'models', 'providers'], wires: ['core', 'http', 'intake', 'media', 'wires'] };
    const wrong = Object.entries(allowed).flatMap(([room, rooms]) => {
      const folder = path.join(import.meta.dirname, room, 'scratch');
      return readdirSync(folder).flatMap((file) => {
        const imports = readFileSync(path.join(folder, file), 'utf8').matchAll(
          /from '\.\.\/\.\.\/\.\.\/\.\.\/src\/(\w+)/g,
        );
        return [...imports].flatMap(([, target = '']) => (rooms.includes(target) ? [] : `${file} imports ${target}`));
      });
    });
    expect(wrong).toEqual([]);
  });
});
