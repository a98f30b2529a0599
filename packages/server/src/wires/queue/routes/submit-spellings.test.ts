import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { model, requestsUrl, useApp } from '../../../../test/app-harness.ts';
import { housePrefix } from '../../../http/prefixes.ts';

const app = useApp();

async function submitted(payload: object, body: object = {}) {
  const reply = await app.current.submit(payload, { body });
  expect(reply.json()).toMatchObject({ status: 'queued' });
  const id = reply.json().request_id;
  const record = (await app.current.call({ url: `${requestsUrl}/${id}` })).json();
  const claimed = await app.current.store.requests.claim({
    worker: 'w',
    limit: 4,
    upstreams: [{ name: 'main', limits: {} }],
    models: new Map([[model, 'gemini-3-pro-image']]),
    now: app.current.clock.now(),
    leaseMs: 60_000,
  });
  const claim = claimed.claims.find(({ request }) => request.id === id);
  return { record, order: claim?.order };
}

const notSet = [null, '', [], ['', null]];

describe('a submit', () => {
  it.each(notSet.map((value) => [JSON.stringify(value), value] as const))(
    'reads %s as "not set", wherever a key is optional, and echoes it as it was sent',
    async (_text, value) => {
      const unset = {
        image: value,
        contents: value,
        image_size: value,
        aspect_ratio: value,
        image_output_format: value,
        number_of_images: value,
        previous_request_id: value,
      };
      const payload = { prompt: 'a panda', ...unset };
      const { record, order } = await submitted(payload, {
        webhook_url: value,
        webhook_events: value,
        priority: value,
        deadline_seconds: value,
      });
      expect(record.payload).toEqual(payload);
      expect(record.priority).toBe(0);
      expect(order).toMatchObject({ format: 'png', images: 1, parameters: { imageSize: '1K', aspectRatio: '1:1' } });
      expect(order?.conversation).toEqual([{ role: 'user', parts: [{ kind: 'text', text: 'a panda' }] }]);
    },
  );

  it.each([
    [{ image_size: '2k' }, { parameters: { imageSize: '2K' } }],
    [{ image_size: ' 4K ' }, { parameters: { imageSize: '4K' } }],
    [{ image_output_format: 'jpg' }, { format: 'jpeg' }],
    [{ image_output_format: 'PNG' }, { format: 'png' }],
    [{ image_output_format: 'image/JPEG' }, { format: 'jpeg' }],
    [{ image_output_format: '.jpg' }, { format: 'jpeg' }],
    [{ number_of_images: '2' }, { images: 2 }],
  ])('reads %j as it was meant, and echoes it as it was sent', async (given, expected) => {
    const { record, order } = await submitted({ prompt: 'a panda', ...given });
    expect(record.payload).toEqual({ prompt: 'a panda', ...given });
    expect(order).toMatchObject(expected);
  });

  it.each([
    [{ image_size: '8K' }, /payload\.image_size must be one of "1K", "2K", "4K", not "8K"/],
    [{ number_of_images: '2.5' }, /payload\.number_of_images must be a whole number/],
    [{ number_of_images: 'two' }, /payload\.number_of_images must be a whole number/],
    [{ image: ['https://example.com/a.png', ''] }, /payload\.image has a wrong entry at \[1\]/],
    [{ image_output_format: 'gif' }, /payload\.image_output_format must be one of/],
  ])('still refuses %j by name', async (given, message) => {
    const reply = await app.current.submit({ prompt: 'a panda', ...given });
    expect(reply.statusCode).toBe(400);
    expect(reply.json().error).toMatch(message);
  });

  it('reads an empty list of webhook events with an address as the default ones', async () => {
    const body = { webhook_url: 'http://127.0.0.1:1/', webhook_events: [] };
    expect((await app.current.submit({ prompt: 'a panda' }, { body })).statusCode).toBe(200);
  });

  it('never fails inside, whatever is in the place of a parameter', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          prompt: fc.jsonValue(),
          image: fc.jsonValue(),
          image_size: fc.jsonValue(),
          number_of_images: fc.jsonValue(),
          contents: fc.jsonValue(),
        }),
        async (payload) => {
          expect([200, 400]).toContain((await app.current.submit(payload)).statusCode);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('what else clients write in their own way', () => {
  it.each([
    ['a slash at the end', `${requestsUrl}/`],
    ['two slashes', `${housePrefix}//requests`],
    ['no /apikey', '/api/v1/ie/requestqueue/requests'],
    ['a status in capitals', `${requestsUrl}?status=QUEUED`],
    ['a status that is not set', `${requestsUrl}?status=`],
    ['a limit over the largest', `${requestsUrl}?limit=200`],
    ['filters that are not set', `${requestsUrl}?model_id=&limit=&cursor=&text=`],
  ])('a list is returned for %s', async (_name, url) => {
    await app.current.submit({ prompt: 'a panda' });
    const reply = await app.current.call({ url });
    expect(reply.statusCode).toBe(200);
    expect(reply.json().requests).toHaveLength(1);
  });

  it('a limit over the largest returns the largest page', async () => {
    for (let count = 0; count < 101; count += 1) await app.current.submit({ prompt: 'a panda' });
    const list = (await app.current.call({ url: `${requestsUrl}?limit=5000` })).json();
    expect(list.requests).toHaveLength(100);
    expect(list.has_more).toBe(true);
  });

  it.each(['.png', 'PNG', 'image/png', 'jpg', 'JPEG'])('an upload of the type %s is granted', async (file_type) => {
    const url = `${housePrefix}/upload-url`;
    const reply = await app.current.call({ method: 'POST', url, payload: { file_type } });
    expect(reply.statusCode).toBe(200);
    expect(reply.json().public_url).toMatch(/\.(png|jpg)$/);
  });

  it('without /apikey a submit, a read and the models work as with it', async () => {
    const base = '/api/v1/ie/requestqueue';
    const payload = { model, payload: { prompt: 'a panda' } };
    const { request_id } = (await app.current.call({ method: 'POST', url: `${base}/requests`, payload })).json();
    expect((await app.current.call({ url: `${base}/requests/${request_id}` })).json().status).toBe('queued');
    for (const prefix of [base, '/api/v1'])
      expect((await app.current.call({ url: `${prefix}/models/${model}` })).json().model).toBe(model);
  });
});
