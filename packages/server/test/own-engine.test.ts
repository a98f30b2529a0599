import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { SuccessOutcomeRecord } from '@darkroom/protocol';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readBlocks } from './docs/markdown.ts';
import { ScriptedUpstream } from './fakes/scripted-upstream.ts';
import { startServer, type TestServer } from './start-server.ts';

/** The engine of docs/openai.md: the settings are those of the page, and the engine is a small fake one. */

let engine: ScriptedUpstream;
let darkroom: TestServer;

beforeAll(async () => {
  engine = await ScriptedUpstream.start();
  const page = path.resolve(import.meta.dirname, '../../../docs/openai.md');
  const block = readBlocks('openai.md', readFileSync(page, 'utf8')).find(
    ({ marks }) => marks.get('of') === 'settings file',
  );
  const settings = JSON.parse(block?.code.replace('http://127.0.0.1:8080', engine.url) ?? '') as Record<
    string,
    unknown
  >; // the page's test has looked at it
  const flags = Object.entries(settings).map(([name, value]) => [name, JSON.stringify(value)] as const);
  darkroom = await startServer(Object.fromEntries(flags));
});
afterAll(async () => {
  await darkroom.stop();
  await engine.close();
});

it('an engine of one’s own makes pictures for nothing, answers with an address, and counts no tokens', async () => {
  const png = await sharp({ create: { width: 1344, height: 768, channels: 3, background: '#284' } })
    .png()
    .toBuffer();
  engine.answer((response, { method }) => response.end(method === 'GET' ? png : '{"data":[{"url":"/files/1.png"}]}'));
  const payload = { prompt: 'a heron', aspect_ratio: '16:9', seed: 5, negative_prompt: 'fog' };
  const { request_id } = await darkroom.client.submit({ model: 'flux', payload });
  const record = await darkroom.client.wait(request_id);
  expect(record.error).toBeUndefined();
  expect((record.outcome as SuccessOutcomeRecord).media_urls).toHaveLength(1); // it has not failed
  expect(record).toMatchObject({ cost_usd: 0, estimated_cost_usd: 0, media: [{ width: 1344, height: 768 }] });
  expect(JSON.parse(engine.received[0]?.body ?? '')).toEqual({
    model: 'flux.1-schnell',
    prompt: 'a heron',
    n: 1,
    size: '1344x768',
    seed: 5,
    negative_prompt: 'fog',
    response_format: 'b64_json',
  });
  const { attempts } = await darkroom.client.attempts(request_id);
  expect(attempts).toMatchObject([{ upstream: 'own', possibly_billed: false, cost_usd: 0 }]);
});

it('takes what its entry names on the OpenAI wire too, and nothing else', async () => {
  const png = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#284' } })
    .png()
    .toBuffer();
  engine.answerJson(200, { data: [{ b64_json: png.toString('base64') }] });
  const generate = (body: object) =>
    fetch(`${darkroom.url}/v1/images/generations`, {
      method: 'POST',
      headers: { authorization: `Bearer ${darkroom.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'flux', prompt: 'a heron', ...body }),
    });
  expect((await generate({ negative_prompt: 'rain' })).status).toBe(200);
  expect(JSON.parse(engine.received.at(-1)?.body ?? '')).toMatchObject({ negative_prompt: 'rain' });
  expect(await (await generate({ temperature: 1 })).json()).toMatchObject({ error: { param: 'temperature' } });
});
