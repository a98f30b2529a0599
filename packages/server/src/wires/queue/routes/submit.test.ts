import { maxReferenceBytes } from '@darkroom/protocol';
import { describe, expect, it } from 'vitest';
import { model, requestsUrl, useApp } from '../../../../test/app-harness.ts';
import { makePngHead } from '../../../media/codec/make-png-head.ts';

const app = useApp();

/** The first bytes of a PNG, and as many others. */
const toPng = (bytes: number) => Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')], bytes);
const countRows = async () => (await app.current.call({ url: requestsUrl })).json().total;

describe('submit', () => {
  it('answers exactly 200 with the six keys of the seed, in its order', async () => {
    const reply = await app.current.submit({
      prompt: 'A panda making latte art in a cozy cafe',
      image_size: '1K',
      aspect_ratio: '1:1',
    });
    expect(reply.statusCode).toBe(200);
    expect(reply.headers['content-type']).toMatch(/^application\/json/);
    expect(reply.headers['cache-control']).toBe('no-store');
    const seconds = Math.floor(app.current.clock.now() / 1_000);
    expect(JSON.stringify(reply.json())).toBe(
      JSON.stringify({
        request_id: reply.json().request_id,
        model,
        status: 'queued',
        created_at: seconds,
        updated_at: seconds,
        queued_at: seconds,
      }),
    );
  });

  it('echoes the payload exactly as it was sent, unknown keys, order and all', async () => {
    const payload = { zebra: [1, { a: null }], prompt: 'ä🦓', source: 'studio', image_size: '4K', number_of_images: 4 };
    const { request_id } = (await app.current.submit(payload)).json();
    const record = (await app.current.call({ url: `${requestsUrl}/${request_id}?source_product=studio` })).json();
    expect(JSON.stringify(record.payload)).toBe(JSON.stringify(payload));
  });

  it.each([
    ['image as one URL', { image: 'https://example.com/ref1.jpg' }],
    ['14 images', { image: Array.from({ length: 14 }, (_, index) => `https://example.com/${index}.jpg`) }],
    ['no images', { image: [] }],
    ['a gs:// URI', { image: ['gs://bucket/generated.png'] }],
    ['a data URI of 7 MB', { image: `data:image/png;base64,${toPng(maxReferenceBytes).toString('base64')}` }],
    [
      'a conversation with a wrong prompt, which does not count',
      { contents: [{ role: 'user', parts: [{ text: 'a' }] }], prompt: 7, image: 'x' },
    ],
    ['every ratio of the wire', { aspect_ratio: '2:3' }],
    ['the jpeg format', { image_output_format: 'jpeg' }],
    ['2,000 characters that are more code units', { prompt: '🐼'.repeat(2_000) }],
  ])('accepts %s', async (_name, more) => {
    expect((await app.current.submit({ prompt: 'a panda', ...more })).statusCode).toBe(200);
  });

  const bad: readonly (readonly [name: string, payload: unknown, words: RegExp])[] = [
    ['no prompt', {}, /payload\.prompt is missing/],
    ['an empty prompt', { prompt: '' }, /payload\.prompt is missing/],
    ['a prompt of blanks', { prompt: ' \n ' }, /payload\.prompt is empty/],
    ['2,001 characters', { prompt: 'a'.repeat(2_001) }, /payload\.prompt has 2,001 characters.*1 to 2,000/],
    ['a prompt that is a number', { prompt: 3 }, /payload\.prompt must be a string/],
    ['8K', { prompt: 'a', image_size: '8K' }, /payload\.image_size must be one of "1K", "2K", "4K", not "8K"/],
    ['7:5', { prompt: 'a', aspect_ratio: '7:5' }, /payload\.aspect_ratio must be one of .*"21:9", "auto", not "7:5"/],
    [
      'a wrong format',
      { prompt: 'a', image_output_format: 'gif' },
      /payload\.image_output_format must be one of "png", "jpeg"/,
    ],
    [
      '15 images',
      { prompt: 'a', image: Array(15).fill('https://e.example/a.png') },
      /payload\.image has 15 pictures: at most 14/,
    ],
    [
      'another scheme',
      { prompt: 'a', image: ['https://e.example/a.png', 'ftp://e.example/a'] },
      /payload\.image has a wrong entry at \[1\]/,
    ],
    ['a local file', { prompt: 'a', image: 'file:///etc/passwd' }, /payload\.image must be an http/],
    ['an image that is a number', { prompt: 'a', image: 7 }, /payload\.image must be/],
    [
      'an inline image over 7 MB',
      { prompt: 'a', image: `data:image/png;base64,${'A'.repeat(9_800_000)}` },
      /payload\.image is larger than 7 MB/,
    ],
    [
      'a data URI of text',
      { prompt: 'a', image: 'data:text/html;base64,AAAA' },
      /payload\.image cannot be read: it is not/,
    ],
    [
      'a data URI that is no base64',
      { prompt: 'a', image: 'data:image/png,AAAA' },
      /must have the form data:image\/TYPE;base64,/,
    ],
    [
      'an SVG drawing',
      { prompt: 'a', image: `data:image/svg+xml;base64,${btoa('<svg xmlns="http://www.w3.org/2000/svg"/>')}` },
      /it is an SVG drawing, .*: convert it to PNG or JPEG/,
    ],
    [
      'a PDF document',
      { prompt: 'a', image: `data:application/pdf;base64,${btoa('%PDF-1.7 and so on')}` },
      /it is a PDF document, .*: convert it to PNG or JPEG/,
    ],
    [
      'a small PNG that says it is vast',
      { prompt: 'a', image: makePngHead({ width: 100_000, height: 100_000 }).toString('base64') },
      /payload\.image cannot be read: it has 100,000 × 100,000 pixels: at most 100,000,000 can be decoded/,
    ],
    [
      'words',
      { prompt: 'a', image: 'a picture of a panda that is none, but long enough' },
      /payload\.image must be an http/,
    ],
    [
      '5 pictures',
      { prompt: 'a', number_of_images: 5 },
      /payload\.number_of_images must be a whole number from 1 to 4/,
    ],
    ['half a picture', { prompt: 'a', number_of_images: 0.5 }, /payload\.number_of_images must be a whole number/],
    [
      'a turn with an unknown role',
      { contents: [{ role: 'system', parts: [] }] },
      /payload\.contents\[0\]\.role must be "user" or "model"/,
    ],
    [
      'a conversation that ends with the model',
      { contents: [{ role: 'model', parts: [{ text: 'a' }] }] },
      /payload\.contents must end with a turn of role "user"/,
    ],
    [
      'a conversation that asks nothing',
      { contents: [{ role: 'user', parts: [{ text: ' ' }] }] },
      /payload\.contents must end with/,
    ],
    ['only an empty conversation', { contents: [] }, /payload\.prompt is missing/],
    [
      'a turn with 15 pictures',
      {
        contents: [{ role: 'user', parts: [{ text: 'a' }, ...Array(15).fill({ fileData: { fileUri: 'gs://b/o' } })] }],
      },
      /payload\.contents\[0\]\.parts has 15 pictures: at most 14/,
    ],
    [
      'a turn with a wrong URI',
      { contents: [{ role: 'user', parts: [{ text: 'a', fileData: { fileUri: 'ftp://x' } }] }] },
      /payload\.contents\[0\]\.parts\[0\]\.fileData\.fileUri must be/,
    ],
    [
      'an inline picture that is none',
      { prompt: 'a', image: 'data:image/png;base64,AAAA' },
      /payload\.image cannot be read: it is not a PNG/,
    ],
    [
      'base64 that is broken',
      { prompt: 'a', image: 'data:image/png;base64,AB=A' },
      /payload\.image must have valid base64/,
    ],
    [
      'base64 with a character too many',
      { prompt: 'a', image: 'data:image/png;base64,ABCDE' },
      /payload\.image must have valid base64/,
    ],
    [
      'two ways to continue',
      { contents: [{ role: 'user', parts: [{ text: 'a' }] }], previous_request_id: 'x' },
      /payload\.previous_request_id cannot be combined with contents/,
    ],
    [
      'a picture of no previous request',
      { prompt: 'a', previous_image: 1 },
      /payload\.previous_image needs previous_request_id, the request/,
    ],
    [
      'a picture that is no number',
      { prompt: 'a', previous_request_id: 'x', previous_image: 'the last' },
      /payload\.previous_image must be the place of a picture/,
    ],
    ['a payload that is a list', [], /payload must be an object/],
    ['a payload that is a text', 'prompt', /payload must be an object/],
  ];

  it.each(bad)('refuses %s by name and leaves no row behind', async (_name, payload, words) => {
    const reply = await app.current.submit(payload);
    expect(reply.statusCode).toBe(400);
    expect(reply.json()).toMatchObject({
      error: expect.stringMatching(words),
      code: 'invalid_request',
      details: [{ path: expect.any(String) }],
    });
    expect(await countRows()).toBe(0);
  });

  it('names every wrong key at once', async () => {
    const { error, details } = (await app.current.submit({ image_size: '8K', aspect_ratio: '7:5' })).json();
    expect(error).toMatch(/prompt.*image_size.*aspect_ratio|image_size.*aspect_ratio.*prompt/);
    expect(details).toHaveLength(3);
  });

  it.each([
    ['a list', '[]', 400, 'invalid_request'],
    ['a text', '"hello"', 400, 'invalid_request'],
    ['null', 'null', 400, 'invalid_request'],
    ['nothing', '', 400, 'malformed_json'],
    ['broken JSON', '{"model": "gemini', 400, 'malformed_json'],
    ['a prototype', '{"__proto__": {"model": "x", "payload": {}}}', 400, 'invalid_request'],
    ['no model', '{"payload": {"prompt": "a"}}', 400, 'invalid_request'],
    ['no payload', `{"model": "${model}"}`, 400, 'invalid_request'],
    ['20 MB', `{"model": "${model}", "payload": {"prompt": "${'a'.repeat(20_000_000)}"}}`, 413, 'body_too_large'],
  ])('refuses a body that is %s', async (_name, payload, status, code) => {
    const reply = await app.current.call({
      method: 'POST',
      url: requestsUrl,
      payload,
      headers: { 'content-type': 'application/json' },
    });
    expect(reply.statusCode).toBe(status);
    expect(reply.json()).toEqual(expect.objectContaining({ error: expect.stringMatching(/\w.*\.$/), code }));
    expect(await countRows()).toBe(0);
  });

  it('refuses a body that is not JSON by its type', async () => {
    const reply = await app.current.call({
      method: 'POST',
      url: requestsUrl,
      payload: 'model=x',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(reply.statusCode).toBe(415);
    expect(reply.json()).toMatchObject({
      code: 'unsupported_media_type',
      error: expect.stringContaining('application/json'),
    });
  });

  it('checks the model before the payload, and its id by case', async () => {
    for (const [id, payload] of [
      ['no-such-model', {}],
      [model.toUpperCase(), { prompt: 'a' }],
      ['__proto__', { prompt: 'a' }],
    ]) {
      const reply = await app.current.call({ method: 'POST', url: requestsUrl, payload: { model: id, payload } });
      expect([reply.statusCode, reply.json().error]).toEqual([404, 'Model not found']);
    }
    expect(
      (await app.current.call({ method: 'POST', url: requestsUrl, payload: { model, payload: {} } })).statusCode,
    ).toBe(400);
  });
});
