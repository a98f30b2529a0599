import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { toAnswerBody } from './fakes/recorded-answers.ts';
import { ScriptedUpstream } from './fakes/scripted-upstream.ts';
import { TokenService } from './fakes/token-service.ts';
import { startServer, type TestServer } from './start-server.ts';

/** A Darkroom whose account of Vertex AI reads a private bucket of the operator itself, beside an account of AI Studio. */

let tokens: TokenService;
let cloud: ScriptedUpstream;
let studio: ScriptedUpstream;
let darkroom: TestServer;

const readable = 'gemini-3-pro-image';
const mixed = 'gemini-nano-banana-2.1';
const other = 'gemini-3.1-flash-image';

beforeAll(async () => {
  tokens = await TokenService.start();
  cloud = await ScriptedUpstream.start();
  studio = await ScriptedUpstream.start();
  const { credentialsFile: credentials_file } = tokens;
  const vertex = { name: 'cloud', provider: 'vertex', project: 'my-project', base_url: cloud.url, credentials_file };
  darkroom = await startServer({
    DARKROOM_UPSTREAMS: [
      { ...vertex, models: [readable, mixed], buckets: ['our-pictures'] },
      { name: 'studio', api_key: 'key-of-studio', base_url: studio.url, models: [mixed, other] },
    ],
    DARKROOM_MODELS: [{ id: readable, fallback: [{ model: other }] }],
  });
});
afterAll(async () => {
  await darkroom.stop();
  await Promise.all([tokens.close(), cloud.close(), studio.close()]);
});
beforeEach(async () => {
  const create = { width: 8, height: 8, channels: 3, background: '#246' } as const;
  const data = (await sharp({ create }).png().toBuffer()).toString('base64');
  for (const upstream of [cloud, studio]) {
    upstream.answerJson(200, toAnswerBody([{ inlineData: { mimeType: 'image/png', data } }]));
  }
});

const submit = (payload: object, model = readable) =>
  darkroom.client.submit({ model, payload: { prompt: 'the same at night', ...payload } });

it('gives the address to the upstream that reads the bucket, which is the only one that may be called', async () => {
  const { request_id } = await submit({ image: ['gs://our-pictures/harbour/one.png'] });
  const record = await darkroom.client.wait(request_id);
  expect(record).toMatchObject({ status: 'success', fallback: false });
  expect(JSON.parse(cloud.received.at(-1)?.body ?? '').contents[0].parts).toEqual([
    { text: 'the same at night' },
    { fileData: { mimeType: 'image/png', fileUri: 'gs://our-pictures/harbour/one.png' } },
  ]);
  expect(studio.received).toEqual([]);
});

it('takes the type from the part, and fails with a sentence when nobody says it', async () => {
  const parts = (file: object) => [{ role: 'user' as const, parts: [{ text: 'bluer' }, { fileData: file }] }];
  const named = { mimeType: 'image/webp', fileUri: 'gs://our-pictures/one' };
  await darkroom.client.wait((await submit({ prompt: undefined, contents: parts(named) })).request_id);
  expect(cloud.received.at(-1)?.body).toContain('{"mimeType":"image/webp","fileUri":"gs://our-pictures/one"}');
  const { request_id } = await submit({ image: ['gs://our-pictures/one'] });
  expect(await darkroom.client.wait(request_id)).toMatchObject({
    status: 'failed',
    outcome: { error: { code: 'reference_unavailable', message: expect.stringContaining('is of a type') } },
  });
});

it('is refused for a model that an upstream serves which cannot read the bucket', async () => {
  const image = ['gs://our-pictures/one.png'];
  await expect(submit({ image }, mixed)).rejects.toMatchObject({ status: 400, details: [{ path: 'payload' }] });
  await expect(submit({ image }, other)).rejects.toThrow(/our-pictures.*studio cannot/);
});
