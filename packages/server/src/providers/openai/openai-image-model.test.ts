import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ScriptedUpstream } from '../../../test/fakes/scripted-upstream.ts';
import { systemClock } from '../../platform/clock.ts';
import type { ImageCall, PictureFile, Turn } from '../image-model.ts';
import { OpenaiImageModel } from './openai-image-model.ts';

let upstream: ScriptedUpstream;
let model: OpenaiImageModel;
let folder: string;

beforeEach(async () => {
  upstream = await ScriptedUpstream.start();
  folder = await mkdtemp(path.join(tmpdir(), 'openai-'));
  model = new OpenaiImageModel({ baseUrl: `${upstream.url}/v1/`, apiKey: 'sk-secret', clock: systemClock });
  upstream.answerJson(200, { data: [{ b64_json: picture.toString('base64') }] });
});
afterEach(async () => {
  await model.close();
  await upstream.close();
  await rm(folder, { recursive: true });
});

const picture = Buffer.from('the bytes of a picture');
const says = (text: string): Turn => ({ role: 'user', parts: [{ kind: 'text', text }] });

function generate(changes: Partial<ImageCall> = {}) {
  const call: ImageCall = {
    upstreamModel: 'gpt-image-2',
    turns: [says('a cat')],
    parameters: {},
    format: 'png',
    imageIndex: 0,
    serviceTier: 'standard',
    spoolFolder: folder,
    timeoutMs: 10_000,
  };
  return model.generate({ ...call, ...changes }, new AbortController().signal);
}

async function keep(name: string, mimeType = 'image/png'): Promise<PictureFile> {
  const file = path.join(folder, name);
  await writeFile(file, `bytes of ${name}`);
  return { file: { path: file, bytes: `bytes of ${name}`.length }, mimeType };
}

const shows = (role: Turn['role'], ...files: readonly PictureFile[]): Turn => ({
  role,
  parts: files.map((file) => ({ kind: 'picture', ...file })),
});

/** The form that the upstream received, as texts. */
async function readForm(): Promise<readonly (readonly [name: string, value: string])[]> {
  const [{ headers, body } = { headers: {}, body: '' }] = upstream.received;
  const type = headers['content-type'] ?? '';
  const form = await new Response(body, { headers: { 'content-type': type } }).formData();
  const read = async (value: string | File) =>
    typeof value === 'string' ? value : `${value.name} ${value.type}: ${await value.text()}`;
  return Promise.all([...form].map(async ([name, value]) => [name, await read(value)] as const));
}

describe('a call', () => {
  it('of words is a generation, with the key as a bearer and only what was asked', async () => {
    const parameters = { quality: 'low', background: 'transparent', imageSize: '2K', aspectRatio: '16:9' };
    await generate({ parameters, pixels: { width: 2560, height: 1440 }, format: 'webp' });
    const [received] = upstream.received;
    expect(received).toMatchObject({
      method: 'POST',
      path: '/v1/images/generations',
      headers: { authorization: 'Bearer sk-secret', 'content-type': 'application/json' },
    });
    expect(JSON.parse(received?.body ?? '')).toEqual({
      model: 'gpt-image-2',
      prompt: 'a cat',
      n: 1,
      size: '2560x1440',
      quality: 'low',
      background: 'transparent',
      output_format: 'webp',
    });
  });

  it('with pictures is an edit: a form with the files, and the mask beside the first', async () => {
    const [first, second, mask] = [await keep('first'), await keep('second', 'image/jpeg'), await keep('mask')];
    const turns = [{ role: 'user', parts: [...says('blend').parts, ...shows('user', first, second).parts] } as const];
    expect(await generate({ turns, mask })).toMatchObject({ kind: 'pictures' });
    expect(upstream.received[0]?.path).toBe('/v1/images/edits');
    expect(await readForm()).toEqual([
      ['model', 'gpt-image-2'],
      ['prompt', 'blend'],
      ['n', '1'],
      ['output_format', 'png'],
      ['image[]', 'picture-1.png image/png: bytes of first'],
      ['image[]', 'picture-2.jpeg image/jpeg: bytes of second'],
      ['mask', 'mask.png image/png: bytes of mask'],
    ]);
  });

  it('sends no mask that OpenAI would refuse', async () => {
    const turns = [shows('user', await keep('one')), says('paint')];
    await generate({ turns, mask: await keep('mask', 'image/webp') });
    expect((await readForm()).map(([name]) => name)).not.toContain('mask');
  });

  it('of a conversation sends the last answer, the new pictures, then the earlier ones, with the newest words', async () => {
    const [early, old, last, fresh] = await Promise.all(['early', 'old', 'last', 'fresh'].map((name) => keep(name)));
    if (!early || !old || !last || !fresh) throw new Error('four files were kept');
    const newest = { role: 'user', parts: [...says('newest').parts, ...shows('user', fresh).parts] } as const;
    const turns = [shows('user', early), shows('model', old), says('older'), shows('model', last), newest];
    await generate({ turns });
    const form = await readForm();
    expect(form).toContainEqual(['prompt', 'newest']);
    expect(form.filter(([name]) => name === 'image[]').map(([, value]) => value.replace(/.*: /, ''))).toEqual([
      'bytes of last',
      'bytes of fresh',
      'bytes of early',
    ]);
  });

  it('to an engine asks for the bytes, with what engines take, and disarms tags that an engine would obey', async () => {
    const parameters = { seed: 7, negative_prompt: 'fog' };
    const turns = [says('a cat <sd_cpp_extra_args>{"steps":500}</sd_cpp_extra_args>')];
    await generate({ upstreamModel: 'sd-cpp-local', parameters, turns, imageIndex: 2 });
    expect(JSON.parse(upstream.received[0]?.body ?? '')).toEqual({
      model: 'sd-cpp-local',
      prompt: 'a cat  {"steps":500} ',
      n: 1,
      seed: 9,
      negative_prompt: 'fog',
      response_format: 'b64_json',
    });
  });
});

describe('an answer', () => {
  it('without a count, or with one that cannot be true, has no usage', async () => {
    expect(await generate()).not.toHaveProperty('usage');
    const data = [{ b64_json: picture.toString('base64') }];
    upstream.answerJson(200, { data, usage: { input_tokens: 5, input_tokens_details: { image_tokens: 9 } } });
    expect(await generate()).not.toHaveProperty('usage');
  });

  it('whose count has no details counts everything that came out as a picture', async () => {
    const data = [{ b64_json: picture.toString('base64') }];
    upstream.answerJson(200, { data, usage: { input_tokens: 5, output_tokens: 100, total_tokens: 105 } });
    const usage = { promptTokens: 5, imageTokens: 100, textTokens: 0, thoughtTokens: 0, totalTokens: 105 };
    expect(await generate()).toMatchObject({ usage });
  });

  it('that names a picture at the upstream is fetched there, with the key', async () => {
    upstream.answer((response, { path: asked, headers }) => {
      const isPicture = asked === '/files/1.png' && headers.authorization === 'Bearer sk-secret';
      response.end(isPicture ? picture : JSON.stringify({ data: [{ url: '/files/1.png' }] }));
    });
    const answer = await generate();
    if (answer.kind !== 'pictures' || answer.parts[0]?.kind !== 'picture') throw new Error(JSON.stringify(answer));
    expect(await readFile(answer.parts[0].file.path)).toEqual(picture);
  });

  it('that names a picture elsewhere is refused by name, and leaves no file', async () => {
    const data = [{ b64_json: picture.toString('base64') }, { url: 'http://169.254.169.254/latest' }];
    upstream.answerJson(200, { data });
    expect(await generate()).toMatchObject({
      kind: 'failed',
      failure: { code: 'upstream_answer_invalid', message: expect.stringContaining('on another server') },
      isPossiblyBilled: true,
    });
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('a refusal', () => {
  const words = (code: string, message: string) => ({ error: { type: 'error', code, message } });
  it.each<[string, number, unknown, string]>([
    ['a wrong key', 401, words('invalid_api_key', 'Incorrect API key provided: sk-secret.'), 'upstream_key_invalid'],
    ['a used up credit', 429, words('insufficient_quota', 'You exceeded your current quota.'), 'upstream_billing'],
    ['a spending limit', 429, words('project_spend_limit_exceeded', 'Limit reached.'), 'upstream_billing'],
    ['a hard limit', 400, words('billing_hard_limit_reached', 'Billing hard limit reached'), 'upstream_billing'],
    ['an unknown model', 404, words('model_not_found', 'It does not exist.'), 'upstream_model_unavailable'],
    ['an unverified account', 403, words('', 'Your organization must be verified'), 'upstream_model_unavailable'],
    ['a country', 403, words('unsupported_country_region_territory', 'No.'), 'upstream_location_unsupported'],
    ['a broken reference', 400, words('invalid_image_file', 'Invalid image file'), 'upstream_reference_rejected'],
    ['a wrong parameter', 400, words('invalid_value', "Invalid 'size'."), 'upstream_rejected'],
    ['an engine’s list of problems', 422, { detail: [{ loc: ['body', 'size'], msg: 'bad' }] }, 'upstream_rejected'],
    ['an engine’s sentence', 503, { detail: 'The model is loading' }, 'upstream_overloaded'],
    ['a proxy’s page', 502, '<html><b>Bad gateway</b></html>', 'upstream_error'],
    ['an error in a 200', 200, words('rate_limit_exceeded', 'Slow down.'), 'upstream_rate_limited'],
  ])('%s (HTTP %i) is %s', async (_name, status, body, code) => {
    upstream.answerJson(status, body);
    const answer = await generate();
    expect(answer).toMatchObject({ kind: 'failed', failure: { code } });
    expect(JSON.stringify(answer)).not.toContain('sk-secret');
  });

  it.each<[string, Record<string, string>, number]>([
    ['Retry-After', { 'retry-after': '7' }, 7_000],
    ['milliseconds', { 'retry-after-ms': '2500' }, 2_500],
    [
      'a limit that is used up',
      { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '1m2s', 'x-ratelimit-reset-tokens': '4m' },
      62_000,
    ],
  ])('says when to try again by %s', async (_name, headers, retryAfterMs) => {
    upstream.answerJson(429, words('rate_limit_exceeded', 'Rate limit reached'), headers);
    expect(await generate()).toMatchObject({ failure: { code: 'upstream_rate_limited', retryAfterMs } });
  });
});

describe('a check', () => {
  it('names the models that an engine has instead', async () => {
    upstream.answerJson(200, { data: [{ id: 'flux' }, { id: 'qwen' }] });
    const check = await model.check('gpt-image-2', new AbortController().signal);
    expect(check).toMatchObject({ failure: { message: 'The upstream has no model gpt-image-2; it has flux, qwen.' } });
  });
});
