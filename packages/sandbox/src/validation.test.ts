import { request as httpRequest } from 'node:http';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { type Harness, proPath, readError, startSandbox, toRequest } from '../test/sandbox-harness.ts';

const [jpeg, png, webp] = [await flat('jpeg'), await flat('png'), await flat('webp')];
const user = (...parts: object[]) => ({ contents: [{ role: 'user', parts }] });
const config = (generationConfig: object) => ({ ...user({ text: 'x' }), generationConfig });
const image = (mimeType: string, data: string) => user({ inlineData: { mimeType, data } });

describe('refuses with 400 INVALID_ARGUMENT and the upstream’s words', () => {
  it.each<[string, unknown, string | RegExp]>([
    ['no contents', {}, '* GenerateContentRequest.contents: contents is not specified\n'],
    [
      'a turn without parts',
      { contents: [{ role: 'user' }] },
      '* GenerateContentRequest.contents[0].parts: contents.parts must not be empty.\n',
    ],
    [
      'a part without data',
      user({ text: 'x' }, { thought: true }),
      "* GenerateContentRequest.contents[0].parts[1].data: required oneof field 'data' must have one initialized field\n",
    ],
    [
      'an unknown role',
      { contents: [{ role: 'system', parts: [{ text: 'x' }] }] },
      'Please use a valid role: user, model.',
    ],
    [
      'the model as the last to speak',
      { contents: [{ role: 'model', parts: [{ text: 'x' }] }] },
      /^Please ensure that single turn requests end with a user role/,
    ],
    ['several candidates', config({ candidateCount: 2 }), 'Multiple candidates is not enabled for this model'],
    ['a size in lower case', toRequest('x', { imageSize: '2k' }), 'Image size 2k is not supported for this model'],
    [
      'a ratio of another model',
      toRequest('x', { aspectRatio: '1:4' }),
      'Aspect ratio 1:4 is not supported for this model',
    ],
    [
      'another modality',
      config({ responseModalities: ['AUDIO'] }),
      /^The requested combination of response modalities \(AUDIO\) is not supported by the model\. models\/gemini-3-pro-image accepts/,
    ],
    [
      'a file of Google’s',
      user({ fileData: { fileUri: 'gs://b/c.png', mimeType: 'image/png' } }),
      'Invalid or unsupported file uri: gs://b/c.png',
    ],
    [
      '15 pictures',
      user(...Array.from({ length: 15 }, () => ({ inlineData: { mimeType: 'image/jpeg', data: jpeg } }))),
      'Please use fewer than 15 images in your request to models/gemini-3-pro-image',
    ],
    [
      'a picture of another type than it says',
      image('image/png', jpeg),
      'Unhandled generated data mime type: image/jpeg',
    ],
    ['a type that is not read', image('image/gif', 'R0lGODlh'), 'Request contains an invalid argument.'],
    ['the wrong spelling of JPEG', image('image/jpg', jpeg), 'Request contains an invalid argument.'],
    ['bytes that are not a picture', image('image/png', 'AAAA'), 'Provided image is not valid.'],
    ['an empty picture', image('image/png', ''), 'Provided image is not valid.'],
    ['text that is not base64', image('image/png', '%%%%'), /Base64 decoding failed/],
    [
      'a prompt that is too long',
      user({ text: 'x'.repeat(4 * 65_536 + 1) }),
      'The input token count (65537) exceeds the maximum number of tokens allowed (65536).',
    ],
    ['no JSON', 'contents', 'Invalid JSON payload received. Unexpected token.'],
    ['half a JSON', '{"contents":[', 'Invalid JSON payload received. Unexpected end of string. Expected a value.'],
    ['nothing', '', 'Invalid JSON payload received. Unexpected end of string. Expected a value.'],
    ['a list', [], 'Invalid JSON payload received. Unknown name "": Root element must be a message.'],
    ['a number as text', user({ text: 5 }), "Invalid value at 'contents[0].parts[0].text' (TYPE_STRING), 5"],
    [
      'half a candidate',
      config({ candidateCount: 1.5 }),
      "Invalid value at 'generation_config.candidate_count' (TYPE_INT32), 1.5",
    ],
    [
      'an unknown threshold',
      { ...user({ text: 'x' }), safetySettings: [{ threshold: 'NEVER' }] },
      /^Invalid value at 'safety_settings\[0\]\.threshold' \(type\.googleapis\.com\/google\.ai\.generativelanguage\.v1beta\.SafetySetting\.HarmBlockThreshold\), "NEVER"/,
    ],
  ])('%s', async (_what, body, message) => {
    const sandbox = await startSandbox();
    const response = await sandbox.post(body);
    expect(response.status).toBe(400);
    expect(await readError(response)).toMatchObject({
      code: 400,
      message: typeof message === 'string' ? message : expect.stringMatching(message),
      status: 'INVALID_ARGUMENT',
    });
    expect(await sandbox.spooled()).toEqual([]);
  });

  it('every unknown name, with its path', async () => {
    const sandbox = await startSandbox();
    const error = await readError(
      await sandbox.post({ ...toRequest('x', { outputMimeType: 'image/png' }), model_map: 1 }),
    );
    const nested = `Invalid JSON payload received. Unknown name "outputMimeType" at 'generation_config.image_config': Cannot find field.`;
    const atTop = 'Invalid JSON payload received. Unknown name "model_map": Cannot find field.';
    expect(error).toEqual({
      code: 400,
      message: `${nested}\n${atTop}`,
      status: 'INVALID_ARGUMENT',
      details: [
        {
          '@type': 'type.googleapis.com/google.rpc.BadRequest',
          fieldViolations: [{ field: 'generation_config.image_config', description: nested }, { description: atTop }],
        },
      ],
    });
  });

  it('a body that declares more than 100 MB, and one that turns out to have more', async () => {
    const sandbox = await startSandbox();
    const message = 'Request payload size exceeds the limit: 104857600 bytes.';
    expect(await stream(sandbox, { 'content-length': 104_857_601 })).toMatchObject({ code: 400, message });
    expect(await stream(sandbox, {})).toMatchObject({ code: 400, message });
    expect(await sandbox.spooled()).toEqual([]);
  });
});

describe('accepts', () => {
  it.each<[string, unknown]>([
    [
      'names in snake_case, one value for a list, and enum words in any case',
      { contents: { parts: { text: 'x' } }, generation_config: { response_modalities: 'image', candidate_count: '1' } },
    ],
    [
      'every part of the documented request',
      {
        ...toRequest('x'),
        systemInstruction: { parts: [{ text: 'be kind' }] },
        safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }],
        tools: [{ google_search: {} }],
        serviceTier: 'flex',
        store: false,
        labels: null,
      },
    ],
    [
      '14 pictures',
      user(...Array.from({ length: 14 }, () => ({ inlineData: { mimeType: 'image/jpeg', data: jpeg } }))),
    ],
    ['PNG', image('image/png', png)],
    ['WebP', image('image/webp', webp)],
    [
      'HEIC whose general brand comes first',
      image('image/heic', Buffer.from('\0\0\0\x18ftypmif1\0\0\0\0mif1heic').toString('base64')),
    ],
    ['HEIC', image('image/heic', Buffer.from('\0\0\0\x18ftypheic\0\0\0\0').toString('base64'))],
  ])('%s', async (_what, body) => {
    const sandbox = await startSandbox();
    const response = await sandbox.post(body);
    expect({ status: response.status, body: await response.text() }).toMatchObject({ status: 200 });
  });
});

async function flat(format: 'jpeg' | 'png' | 'webp'): Promise<string> {
  const picture = sharp({ create: { width: 8, height: 8, channels: 3, background: '#46a' } });
  return (await picture.toFormat(format).toBuffer()).toString('base64');
}

/** Sends 101 MB of white space, or as much as it takes to be refused. */
function stream({ server }: Harness, headers: Record<string, number>): Promise<unknown> {
  const { promise, reject, resolve } = Promise.withResolvers<unknown>();
  const request = httpRequest(`${server.url}${proPath}?key=k`, { method: 'POST', headers }, (response) => {
    readError(new Response(ReadableStream.from(response))).then(resolve, reject);
    response.on('end', () => request.destroy());
  });
  request.on('error', reject);
  const slab = Buffer.alloc(1024 * 1024, ' ');
  let slabs = 101;
  const send = () => {
    while (slabs > 0) {
      slabs -= 1;
      if (!request.write(slab)) return;
    }
  };
  request.on('drain', send);
  send();
  return promise;
}
