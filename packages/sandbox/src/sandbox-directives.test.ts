import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import {
  drawFlat,
  nothing,
  readAnswer,
  readError,
  readParts,
  startSandbox,
  toPictures,
} from '../test/sandbox-harness.ts';

describe('[[sandbox status=…]]', () => {
  it.each([
    [400, 'INVALID_ARGUMENT', /^Request contains an invalid argument\.$/],
    [401, 'UNAUTHENTICATED', /^Request had invalid authentication credentials/],
    [403, 'PERMISSION_DENIED', /leaked/],
    [404, 'NOT_FOUND', /^This model models\/gemini-3-pro-image is no longer available/],
    [500, 'INTERNAL', /^Internal error encountered\.$/],
    [503, 'UNAVAILABLE', /^This model is currently experiencing high demand/],
    [504, 'DEADLINE_EXCEEDED', /^Deadline expired before operation could complete\.$/],
  ])('refuses with the upstream’s body for %i', async (code, status, message) => {
    const sandbox = await startSandbox();
    const response = await sandbox.ask(`x [[sandbox status=${code}]]`);
    expect(response.status).toBe(code);
    expect(await readError(response)).toEqual({ code, message: expect.stringMatching(message), status });
  });

  it.each([408, 502])('shows the front end’s HTML page for %i', async (status) => {
    const sandbox = await startSandbox();
    const response = await sandbox.ask(`x [[sandbox status=${status}]]`);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('text/html; charset=UTF-8');
    expect(await response.text()).toContain(`Error ${status}`);
  });

  it.each([
    ['minute', 'GenerateRequestsPerMinutePerProjectPerModel', 'limit: 20'],
    ['day', 'GenerateRequestsPerDayPerProjectPerModel', 'limit: 250'],
    ['free', 'GenerateRequestsPerDayPerProjectPerModel-FreeTier', 'limit: 0'],
  ])('sends the quota and the time to wait with a 429 of the kind %s', async (kind, quotaId, limit) => {
    const sandbox = await startSandbox();
    const response = await sandbox.ask(`x [[sandbox status=429 kind=${kind} retry=10.5s]]`);
    const error = await readError(response);
    expect(response.status).toBe(429);
    expect(error).toMatchObject({
      code: 429,
      status: 'RESOURCE_EXHAUSTED',
      details: [
        { '@type': 'type.googleapis.com/google.rpc.Help' },
        { violations: [{ quotaId, quotaDimensions: { location: 'global', model: 'gemini-3-pro-image' } }] },
        { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '10.5s' },
      ],
    });
    expect(error.message).toContain(limit);
    expect(error.message).toMatch(/\nPlease retry in 10\.5s\.$/);
  });

  it('sends the quota per minute for a plain 429, and no time to wait when none is given', async () => {
    const sandbox = await startSandbox();
    const error = await readError(await sandbox.ask('x [[sandbox status=429]]'));
    expect(JSON.stringify(error.details)).toContain('PerMinute');
    expect(JSON.stringify(error)).not.toContain('retry in');
    expect(error.details).toHaveLength(2);
  });

  it.each([
    ['spend', /^You exceeded your spend-based rate limit/],
    ['prepay', /^Your prepayment credits are depleted/],
    ['capacity', /^Resource has been exhausted/],
  ])('sends no details with a 429 of the kind %s', async (kind, message) => {
    const sandbox = await startSandbox();
    expect(await readError(await sandbox.ask(`x [[sandbox status=429 kind=${kind} retry=1s]]`))).toEqual({
      code: 429,
      message: expect.stringMatching(message),
      status: 'RESOURCE_EXHAUSTED',
    });
  });

  it('counts times for each prompt separately, and then draws', async () => {
    const sandbox = await startSandbox();
    const first = 'a [[sandbox status=503 times=2]]';
    const statuses = [];
    for (const prompt of [first, first, 'b [[sandbox status=503 times=2]]', first]) {
      statuses.push((await sandbox.ask(prompt)).status);
    }
    expect(statuses).toEqual([503, 503, 503, 200]);
  });

  it('applies blocks with different times one after the other', async () => {
    const sandbox = await startSandbox();
    const prompt = 'a [[sandbox status=500 times=2]] [[sandbox status=503 times=1]]';
    const statuses = [];
    for (let call = 0; call < 3; call += 1) statuses.push((await sandbox.ask(prompt)).status);
    expect(statuses).toEqual([503, 500, 200]);
  });
});

describe('answers without a picture', () => {
  it.each(['IMAGE_SAFETY', 'NO_IMAGE', 'MAX_TOKENS', 'A_REASON_OF_TOMORROW'])(
    'finish=%s leaves the candidate without content',
    async (reason) => {
      const sandbox = await startSandbox();
      const { candidates } = await readAnswer(await sandbox.ask(`x [[sandbox finish=${reason}]]`));
      expect(candidates).toMatchObject([{ finishReason: reason, index: 0 }]);
      expect(candidates?.[0]).not.toHaveProperty('content');
      expect(sandbox.orders).toEqual([]);
    },
  );

  it('block=… gives feedback on the prompt and no candidates', async () => {
    const sandbox = await startSandbox();
    const answer = await readAnswer(await sandbox.ask('x [[sandbox block=PROHIBITED_CONTENT]]'));
    expect(answer.promptFeedback).toEqual({ blockReason: 'PROHIBITED_CONTENT' });
    expect(answer).not.toHaveProperty('candidates');
    expect(answer.usageMetadata).not.toHaveProperty('candidatesTokenCount');
  });

  it('no-image answers with text and stops', async () => {
    const sandbox = await startSandbox();
    const { candidates } = await readAnswer(await sandbox.ask('x [[sandbox no-image]]'));
    expect(candidates?.[0]?.finishReason).toBe('STOP');
    expect(candidates?.[0]?.content?.parts).toMatchObject([
      { text: expect.stringMatching(/^I cannot make this picture/) },
    ]);
  });

  it('no-image leaves nothing when only an image was requested', async () => {
    const sandbox = await startSandbox();
    const { candidates } = await readAnswer(
      await sandbox.post({
        contents: [{ parts: [{ text: '[[sandbox no-image]]' }] }],
        generationConfig: { responseModalities: ['IMAGE'] },
      }),
    );
    expect(candidates).toEqual([{ content: { role: 'model' }, finishReason: 'STOP', index: 0 }]);
  });
});

describe('broken transport', () => {
  it('reset breaks the connection after the headers and a part of the body', async () => {
    const sandbox = await startSandbox();
    const response = await sandbox.ask('x [[sandbox reset]]');
    expect(response.status).toBe(200);
    const { error, text } = await readAsFarAsItGoes(response);
    expect(text).toMatch(/^\{"candidates":/);
    expect(error).toMatchObject({ cause: { code: 'UND_ERR_SOCKET' } });
  });

  it('truncate sends half of the JSON as a complete message', async () => {
    const sandbox = await startSandbox();
    const whole = await (await sandbox.ask('x')).text();
    const half = await (await sandbox.ask('x [[sandbox truncate]]')).text();
    expect(half.length).toBeGreaterThan(0.4 * whole.length);
    expect(half.length).toBeLessThan(0.6 * whole.length);
    expect(() => JSON.parse(half)).toThrow(SyntaxError);
  });

  it('stall sends half of the answer and leaves the connection open', async () => {
    const sandbox = await startSandbox();
    const whole = await (await sandbox.ask('x')).text();
    const leaving = new AbortController();
    const response = await sandbox.ask('x [[sandbox stall]]', { signal: leaving.signal });
    let text = '';
    const reader = response.body?.getReader();
    while (text.length < 0.4 * whole.length) text += Buffer.from((await reader?.read())?.value ?? []).toString();
    expect(text.length).toBeLessThan(0.6 * whole.length);
    expect(sandbox.server.calls.inFlight).toBe(1);
    leaving.abort();
    await expect.poll(() => sandbox.server.calls.byResult).toEqual({ 200: 1, closed: 1 });
  });

  it('delay waits, then does the rest', async () => {
    const sandbox = await startSandbox();
    const call = sandbox.ask('x [[sandbox delay=5s status=503]]');
    await expect.poll(() => sandbox.sleeps.count).toBe(1);
    sandbox.sleeps.pass(4999);
    expect(sandbox.sleeps.count).toBe(1);
    sandbox.sleeps.pass(1);
    expect((await call).status).toBe(503);
  });
});

describe('the picture', () => {
  it('removes the directives before it draws', async () => {
    const sandbox = await startSandbox();
    await sandbox.ask('a red [[sandbox thoughts]] fox\n[[sandbox images=1]]');
    expect(sandbox.orders.map(({ prompt }) => prompt)).toEqual(['a red fox', 'a red fox']);
  });

  it('follows only the last turn of a conversation', async () => {
    const sandbox = await startSandbox();
    const response = await sandbox.post({
      contents: [
        { role: 'user', parts: [{ text: '[[sandbox status=503]]' }] },
        { role: 'model', parts: [{ text: 'no', thoughtSignature: 'skip_thought_signature_validator' }] },
        { role: 'user', parts: [{ text: 'a' }, { text: 'boat' }] },
      ],
      generationConfig: { responseModalities: ['IMAGE'] },
    });
    expect(response.status).toBe(200);
    expect(sandbox.orders[0]?.prompt).toBe('a\nboat');
  });

  it('images=2 makes two different final pictures, both signed', async () => {
    const sandbox = await startSandbox();
    const parts = await readParts(await sandbox.ask('x [[sandbox images=2]]'));
    expect(parts.filter(({ inlineData }) => inlineData)).toHaveLength(2);
    expect(parts.every(({ thoughtSignature }) => thoughtSignature !== undefined)).toBe(true);
    expect(sandbox.orders).toMatchObject([
      { prompt: 'x', take: { scene: 1 } },
      { prompt: 'x', take: { scene: 2 } },
    ]);
  });

  it('thoughts come first: a text and a draft of 1K', async () => {
    const sandbox = await startSandbox();
    const parts = await readParts(
      await sandbox.post({
        contents: [{ parts: [{ text: 'x [[sandbox thoughts]]' }] }],
        generationConfig: { responseModalities: ['TEXT', 'IMAGE'], imageConfig: { imageSize: '2K' } },
      }),
    );
    expect(parts.map(({ text, thought }) => [text !== undefined, thought])).toEqual([
      [true, true],
      [false, true],
      [true, undefined],
      [false, undefined],
    ]);
    const widths = await Promise.all(toPictures(parts).map(async (picture) => (await sharp(picture).metadata()).width));
    expect(widths).toEqual([1024, 2048]);
  });

  it.each(['png', 'webp'] as const)('mime=image/%s really sends that type', async (format) => {
    const sandbox = await startSandbox();
    const parts = await readParts(await sandbox.ask(`x [[sandbox mime=image/${format}]]`));
    expect(parts[1]?.inlineData?.mimeType).toBe(`image/${format}`);
    expect(await sharp(toPictures(parts)[0]).metadata()).toMatchObject({ format });
  });

  it('declare=image/png lies about a JPEG', async () => {
    const sandbox = await startSandbox();
    const parts = await readParts(await sandbox.ask('x [[sandbox declare=image/png]]'));
    expect(parts[1]?.inlineData?.mimeType).toBe('image/png');
    expect(await sharp(toPictures(parts)[0]).metadata()).toMatchObject({ format: 'jpeg' });
  });

  it('bytes=18MB and signature=2MB have exactly these sizes, and the picture still decodes', async () => {
    const sandbox = await startSandbox();
    const parts = await readParts(await sandbox.ask('x [[sandbox bytes=18MB signature=2MB size=64x48]]'));
    const [picture] = toPictures(parts);
    expect(picture).toHaveLength(18_000_000);
    expect(parts[1]?.thoughtSignature).toHaveLength(2_000_000);
    const { data, info } = await sharp(picture).raw().toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ width: 64, height: 48 });
    expect(data).toHaveLength(64 * 48 * 3);
  });

  it('size=512x512 overrides the requested size', async () => {
    const sandbox = await startSandbox();
    const parts = await readParts(await sandbox.ask('x [[sandbox size=512x512]]'));
    expect(await sharp(toPictures(parts)[0]).metadata()).toMatchObject({ width: 512, height: 512 });
  });

  it('directives combine', async () => {
    const sandbox = await startSandbox();
    const prompt =
      'x [[sandbox images=2 declare=image/webp times=1]] [[sandbox size=32x32 truncate times=2]] [[sandbox size=16x16]]';
    expect(await (await sandbox.ask(prompt)).text()).toContain('image/webp');
    expect(await (await sandbox.ask(prompt)).text()).not.toContain('image/webp');
    expect(await readParts(await sandbox.ask(prompt))).toHaveLength(2);
    expect(sandbox.orders.map(({ pixels }) => pixels.width)).toEqual([16, 16, 16, 16]);
  });
});

describe('[[sandbox signatures=refuse]]', () => {
  const standIn = 'skip_thought_signature_validator';
  const said = { text: 'Here.', thoughtSignature: standIn };
  const toTurns = (...parts: object[]) => ({
    contents: [
      { parts: [{ text: 'x' }] },
      { role: 'model', parts },
      { parts: [{ text: 'y [[sandbox signatures=refuse]]' }] },
    ],
  });

  it.each(['strict', 'lenient'] as const)(
    'reports a missing signature for any model turn when %s',
    async (signatures) => {
      const sandbox = await startSandbox({ signatures });
      const data = (await drawFlat({ ...nothing, pixels: { width: 8, height: 8 } })).toString('base64');
      const drawn = { inlineData: { mimeType: 'image/jpeg', data }, thoughtSignature: standIn };
      const messages = [];
      for (const body of [toTurns(said), toTurns(said, drawn)]) {
        messages.push((await readError(await sandbox.post(body))).message);
      }
      expect(messages).toEqual([
        expect.stringMatching(/^Text part is missing a thought_signature in content position 2, part position 1\. /),
        expect.stringMatching(/^Image part is missing a thought_signature in content position 2, part position 2\. /),
      ]);
    },
  );

  it('accepts a conversation without a turn of the model', async () => {
    const sandbox = await startSandbox();
    expect((await sandbox.ask('y [[sandbox signatures=refuse]]')).status).toBe(200);
  });

  it('no longer applies when the conversation continues', async () => {
    const sandbox = await startSandbox();
    const { contents } = toTurns(said);
    expect((await sandbox.post({ contents: [...contents, { parts: [{ text: 'z' }] }] })).status).toBe(200);
  });
});

it.each([
  'foo',
  'status=418',
  'images=0',
  'images=11',
  'delay=5',
  'delay=2000m',
  'hang=1',
  'bytes',
  'size=9000x1',
  'times=0',
  '__proto__',
  'mime=image/gif',
])('refuses [[sandbox %s]] with a list of the known directives', async (word) => {
  const sandbox = await startSandbox();
  const response = await sandbox.ask(`x [[sandbox ${word}]]`);
  expect(response.status).toBe(400);
  expect(await readError(response)).toMatchObject({
    status: 'INVALID_ARGUMENT',
    message: expect.stringMatching(new RegExp(`does not know the directive "${word}".*delay=5s.*no-image.*times=2`)),
  });
});

it('refuses to pad anything but a JPEG', async () => {
  const sandbox = await startSandbox();
  expect((await sandbox.ask('x [[sandbox mime=image/png bytes=1MB]]')).status).toBe(400);
});

async function readAsFarAsItGoes(response: Response): Promise<{ text: string; error: unknown }> {
  let text = '';
  try {
    for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString();
  } catch (error) {
    return { text, error };
  }
  return { text, error: undefined };
}
