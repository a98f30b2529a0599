import type { SuccessOutcomeRecord } from '@darkroom/protocol';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawPlain } from './draw-plain.ts';
import { startServer, type TestServer } from './start-server.ts';

/** The seed's calls, with host and key replaced, on a whole server with the sandbox as upstream. */

let darkroom: TestServer;
beforeAll(async () => {
  darkroom = await startServer({}, { illustrate: drawPlain });
});
afterAll(() => darkroom.stop());

const base = '/api/v1/ie/requestqueue/apikey';

async function curl(method: 'GET' | 'POST', path: string, body?: unknown) {
  const response = await fetch(`${darkroom.url}${path}`, {
    method,
    headers: { Authorization: `Bearer ${darkroom.key}`, 'Content-Type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

const panda = {
  model: 'gemini-3-pro-image-preview',
  payload: { prompt: 'A panda making latte art in a cozy cafe', image_size: '1K', aspect_ratio: '1:1' },
};

describe("the seed's calls", () => {
  it('submit a request with references, which is answered as queued', async () => {
    const submitted = await curl('POST', `${base}/requests`, {
      model: 'gemini-3-pro-image-preview',
      payload: {
        prompt: 'A hyperrealistic portrait of a cyberpunk woman under neon lights',
        image: ['https://example.com/ref1.jpg', 'https://example.com/ref2.jpg'],
        image_size: '2K',
        aspect_ratio: '4:5',
      },
    });
    expect(submitted).toEqual({
      status: 200,
      body: {
        request_id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
        model: 'gemini-3-pro-image-preview',
        status: 'queued',
        created_at: expect.any(Number),
        updated_at: submitted.body.created_at,
        queued_at: submitted.body.created_at,
      },
    });
  });

  it('lead to a picture with the requested pixels and format, readable without a key', async () => {
    const { body } = await curl('POST', `${base}/requests`, panda);
    await darkroom.client.wait(body.request_id);
    const record = (await curl('GET', `${base}/requests/${body.request_id}`)).body;
    expect(record).toMatchObject({
      request_id: body.request_id,
      model: panda.model,
      status: 'success',
      payload: panda.payload,
      outcome: {
        media_urls: [{ id: '0', url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/media\/[\w-]{32}\.png$/) }],
      },
      queued_at: body.queued_at,
    });
    expect(Object.keys(record.outcome.media_urls[0])).toEqual(['id', 'url']);
    // The sandbox draws, which costs nothing.
    expect(record.outcome.cost_usd).toBe(0);
    expect(record.estimated_cost_usd).toBeCloseTo(0.14, 1);
    const picture = await fetch(record.outcome.media_urls[0].url);
    expect(picture.headers.get('content-type')).toBe('image/png');
    expect(picture.headers.get('cache-control')).toContain('immutable');
    expect(await sharp(await picture.arrayBuffer()).metadata()).toMatchObject({
      format: 'png',
      width: 1024,
      height: 1024,
    });
  });

  it('list the requests of a model', async () => {
    const { status, body } = await curl('GET', `${base}/requests?model_id=gemini-3-pro-image-preview`);
    expect(status).toBe(200);
    expect(body.total).toBe(body.requests.length);
    expect(body.requests.length).toBeGreaterThanOrEqual(2);
  });

  it('describe the model and list the models', async () => {
    expect((await curl('GET', `${base}/models/gemini-3-pro-image-preview`)).body.model).toBe(
      'gemini-3-pro-image-preview',
    );
    expect((await curl('GET', '/api/v1/apikey/models/gemini-3-pro-image-preview')).status).toBe(200);
    expect((await curl('GET', '/api/v1/apikey/models')).body.model_ids).toContain('gemini-3-pro-image-preview');
  });
});

describe('a body that is too large', () => {
  it('is refused in words that reach a client which is still sending', async () => {
    const body = { model: panda.model, payload: { prompt: 'a'.repeat(20_000_000) } };
    const replies = await Promise.all(Array.from({ length: 5 }, () => curl('POST', `${base}/requests`, body)));
    expect(replies).toEqual(
      Array(5).fill({ status: 413, body: { code: 'body_too_large', error: expect.stringContaining('16 MiB') } }),
    );
  });
});

describe('a request', () => {
  const make = async (payload: Record<string, unknown>, model = panda.model) => {
    const { request_id } = await darkroom.client.submit({ model, payload: { prompt: 'a fox', ...payload } });
    return darkroom.client.wait(request_id);
  };
  const made = async (payload: Record<string, unknown>) => {
    const { error, outcome, media = [] } = await make(payload);
    expect(error).toBeUndefined();
    return { outcome: outcome as SuccessOutcomeRecord, media };
  };
  const succeeded = async (payload: Record<string, unknown>) => (await made(payload)).outcome;

  it('for several images makes one call each and one record with all, in order', async () => {
    const outcome = await succeeded({ number_of_images: 3 });
    expect(outcome.media_urls.map(({ id }) => id)).toEqual(['0', '1', '2']);
    expect(new Set(outcome.media_urls.map(({ url }) => url)).size).toBe(3);
    expect(outcome.usage?.image_tokens).toBe(3 * 1120);
  });

  it('for jpeg is kept as the upstream sent it', async () => {
    const { outcome, media } = await made({ image_output_format: 'jpeg', aspect_ratio: '21:9' });
    expect(outcome.media_urls[0]?.url).toMatch(/\.jpg$/);
    expect(media[0]).toMatchObject({ content_type: 'image/jpeg', width: 1584, height: 672 });
  });

  it('says so when the model made different pixels than requested', async () => {
    const { media } = await made({ prompt: 'a fox [[sandbox size=512x512]]' });
    expect(media[0]).toMatchObject({
      width: 512,
      height: 512,
      note: expect.stringContaining('1024x1024 pixels were asked for'),
    });
  });

  it('keeps every picture of an answer with several pictures', async () => {
    expect((await succeeded({ prompt: 'two foxes [[sandbox images=2]]' })).media_urls).toHaveLength(2);
  });

  it('survives a short outage of 503', async () => {
    expect((await succeeded({ prompt: 'a patient fox [[sandbox status=503 times=2]]' })).media_urls).toHaveLength(1);
  });

  it.each([
    [
      '[[sandbox block=PROHIBITED_CONTENT]]',
      'prompt_blocked',
      { block_reason: 'PROHIBITED_CONTENT', blame: 'caller', retryable: false },
    ],
    ['[[sandbox finish=IMAGE_SAFETY]]', 'image_blocked', { finish_reason: 'IMAGE_SAFETY' }],
    ['[[sandbox no-image]]', 'text_only', { model_text: expect.any(String) }],
    ['[[sandbox status=404]]', 'upstream_model_unavailable', { upstream_status: 404, blame: 'operator' }],
    ['[[sandbox status=400]]', 'upstream_rejected', { upstream_status: 400 }],
  ])('that ends with %s fails as %s and says why in the three places clients read', async (directive, code, facts) => {
    const record = await make({ prompt: `a fox ${directive}` });
    expect(record).toMatchObject({
      status: 'failed',
      outcome: { error: { code, message: expect.any(String), ...facts } },
    });
    const { message } = (record.outcome as { error: { message: string } }).error;
    expect([record.error, record.reason]).toEqual([message, message]);
  });

  it('keeps the pictures that arrived when another one of the same request is refused', async () => {
    const outcome = await succeeded({ prompt: 'a fox [[sandbox finish=IMAGE_SAFETY times=1]]', number_of_images: 2 });
    expect(outcome.media_urls).toHaveLength(1);
    expect(outcome.missing).toMatchObject([{ code: 'image_blocked' }]);
  });
});
