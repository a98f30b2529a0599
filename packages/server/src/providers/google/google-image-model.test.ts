import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../test/fakes/manual-clock.ts';
import { apiKey, ModelUnderTest } from '../../../test/fakes/model-under-test.ts';
import {
  picture,
  picturePart,
  signature,
  thoughtParts,
  toAnswerBody,
  usageMetadata,
} from '../../../test/fakes/recorded-answers.ts';
import type { AnswerPart, ImageAnswer, Turn } from '../image-model.ts';

let test: ModelUnderTest;
beforeEach(async () => {
  test = await ModelUnderTest.create();
  test.upstream.answerJson(200, toAnswerBody([picturePart]));
});
afterEach(() => test.close());

describe('the request', () => {
  it('is one POST of generateContent with the key in its header and a known length', async () => {
    await test.generate({ timeoutMs: 1_500 });
    const [call] = test.upstream.received;
    expect(call).toMatchObject({ method: 'POST', path: '/v1beta/models/gemini-3-pro-image:generateContent' });
    expect(call?.headers).toMatchObject({
      'x-goog-api-key': apiKey,
      'content-type': 'application/json',
      'content-length': String(call?.body.length),
      'x-server-timeout': '2',
    });
  });

  it('says what to draw, and asks for words as well as the picture', async () => {
    await test.generate();
    expect(JSON.parse(test.upstream.received[0]?.body ?? '')).toEqual({
      contents: [{ role: 'user', parts: [{ text: 'a cat' }] }],
      generationConfig: {
        responseModalities: ['TEXT', 'IMAGE'],
        imageConfig: { aspectRatio: '16:9', imageSize: '2K' },
      },
    });
  });

  it('names no ratio when the model is to decide', async () => {
    await test.generate({ parameters: { imageSize: '2K', aspectRatio: 'auto' } });
    expect(JSON.parse(test.upstream.received[0]?.body ?? '').generationConfig.imageConfig).toEqual({ imageSize: '2K' });
  });

  it('names the service tier where it is not the standard one', async () => {
    const tierOf = () => JSON.parse(test.upstream.received.at(-1)?.body ?? '').serviceTier;
    await test.generate({ serviceTier: 'flex' });
    expect(tierOf()).toBe('flex');
    await test.generate();
    expect(tierOf()).toBeUndefined();
  });

  it('passes on the parameters that the order has, each in its place, and the next seed for each picture', async () => {
    const safetySettings = [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }];
    const parameters = {
      imageSize: '1K',
      aspectRatio: '1:1',
      system_instruction: 'Draw cats only.',
      temperature: 0.5,
      top_p: 0.9,
      seed: 2 ** 31 - 1,
      thinking_level: 'high',
      safety_settings: safetySettings,
      google_search: true,
    };
    await test.generate({ parameters });
    await test.generate({ parameters, imageIndex: 1 });
    const [first, second] = test.upstream.received.map(({ body }) => JSON.parse(body));
    expect(first).toMatchObject({
      systemInstruction: { parts: [{ text: 'Draw cats only.' }] },
      safetySettings,
      tools: [{ googleSearch: {} }],
    });
    expect(first.generationConfig).toEqual({
      responseModalities: ['TEXT', 'IMAGE'],
      temperature: 0.5,
      topP: 0.9,
      seed: 2 ** 31 - 1,
      thinkingConfig: { thinkingLevel: 'HIGH' },
      imageConfig: { imageSize: '1K', aspectRatio: '1:1' },
    });
    expect(second.generationConfig.seed).toBe(-(2 ** 31));
  });

  it('sends pictures and signatures from their files, each signature on the part that it signs', async () => {
    const turns = await toConversation();
    await test.generate({ turns });
    expect(JSON.parse(test.upstream.received[0]?.body ?? '').contents).toEqual([
      {
        role: 'user',
        parts: [{ text: 'a cat' }, { inlineData: { mimeType: 'image/webp', data: picture.toString('base64') } }],
      },
      {
        role: 'model',
        parts: [
          { text: 'A cat.', thoughtSignature: 'skip_thought_signature_validator' },
          { inlineData: { mimeType: 'image/png', data: picture.toString('base64') }, thoughtSignature: signature },
        ],
      },
    ]);
  });

  it('keeps the path of a relay, and escapes the id of the model', async () => {
    const relayed = await ModelUnderTest.create({ baseUrl: `${test.upstream.url}/relay/`, apiVersion: 'v1' });
    await relayed.generate({ upstreamModel: 'a/b' });
    expect(test.upstream.received[0]?.path).toBe('/relay/v1/models/a%2Fb:generateContent');
    await relayed.close();
  });

  it('is refused and not sent when it is larger than the upstream allows', async () => {
    const strict = await ModelUnderTest.create({ limits: { maxRequestBytes: 100 } });
    const answer = await strict.generate();
    expect(answer).toMatchObject({ kind: 'failed', failure: { code: 'upstream_rejected' }, isPossiblyBilled: false });
    expect(strict.upstream.received).toEqual([]);
    await strict.close();
  });

  it('rejects when a file of the conversation has changed', async () => {
    const turns = await toConversation();
    await writeFile(join(test.spoolFolder, 'picture'), 'another one');
    await expect(test.generate({ turns })).rejects.toThrow('changed its size');
    await rm(join(test.spoolFolder, 'picture'));
    await expect(test.generate({ turns })).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('uses a connection that is already open', async () => {
    await test.generate();
    await test.generate();
    const [first, second] = test.upstream.received;
    expect(second?.headers).toEqual(first?.headers);
    expect(test.upstream.connections).toBe(1);
  });
});

describe('the answer', () => {
  it('keeps pictures and words in order, and leaves thoughts out', async () => {
    const second = { inlineData: { mimeType: 'image/png', data: 'c2Vjb25k' } };
    test.upstream.answerJson(
      200,
      toAnswerBody([...thoughtParts, { text: 'One:' }, picturePart, { text: 'Two:' }, second]),
    );
    expect(await readParts(await test.generate())).toEqual([
      ['text', 'One:', undefined],
      ['image/jpeg', picture.toString(), signature],
      ['text', 'Two:', undefined],
      ['image/png', 'second', undefined],
    ]);
    expect(await readdir(test.spoolFolder)).toHaveLength(3);
  });

  it('counts image tokens separately from text tokens, and names the model that answered', async () => {
    expect(await test.generate()).toMatchObject({
      kind: 'pictures',
      usage: { promptTokens: 32, imageTokens: 1120, textTokens: 652, thoughtTokens: 748, totalTokens: 2552 },
      modelVersion: 'gemini-3-pro-image',
      responseId: 'DOd6afWPNZfjjrEPpZ3c0AM',
      finishReason: 'STOP',
    });
  });

  it.each([
    [{ serviceTier: 'flex' }, 'flex'],
    [{ serviceTier: 'PRIORITY' }, 'priority'],
    [{ trafficType: 'ON_DEMAND_FLEX' }, 'flex'],
    [{ trafficType: 'ON_DEMAND' }, 'standard'],
    [{ serviceTier: 'unspecified' }, undefined],
    [{ serviceTier: 7, promptTokenCount: -1 }, undefined],
  ])('says in which tier it was made: %j', async (usageMetadata, tier) => {
    test.upstream.answerJson(200, { ...toAnswerBody([picturePart]), usageMetadata });
    const answer = await test.generate();
    expect(answer.kind === 'pictures' && [answer.serviceTier]).toEqual([tier]);
  });

  it('reads counts that are left out as zero', async () => {
    const { promptTokenCount, candidatesTokensDetails } = usageMetadata;
    test.upstream.answerJson(200, {
      ...toAnswerBody([picturePart]),
      usageMetadata: { promptTokenCount, candidatesTokensDetails, thoughtsTokenCount: null },
    });
    expect(await test.generate()).toMatchObject({
      usage: { promptTokens: 32, imageTokens: 1120, textTokens: 0, thoughtTokens: 0, totalTokens: 0 },
    });
  });

  it.each<[string, object]>([
    ['huge', { promptTokenCount: 1e16 }],
    ['larger than any model reads', { promptTokenCount: 5_000_000 }],
    ['larger than any model writes', { candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: 200_000 }] }],
    [
      'larger than any model writes, in pieces',
      { candidatesTokensDetails: Array.from({ length: 3 }, () => ({ modality: 'IMAGE', tokenCount: 100_000 })) },
    ],
    ['negative', { totalTokenCount: -1 }],
    ['fractional', { thoughtsTokenCount: 0.5 }],
    ['strings', { promptTokenCount: '32' }],
    ['words', { thoughtsTokenCount: 'many' }],
    ['no numbers', { candidatesTokenCount: {} }],
    ['details of another shape', { candidatesTokensDetails: 7 }],
  ])('believes no count of the answer when one cannot be true: %s', async (_what, odd) => {
    test.upstream.answerJson(200, { ...toAnswerBody([picturePart]), usageMetadata: { ...usageMetadata, ...odd } });
    const answer = await test.generate();
    expect(answer).toMatchObject({ kind: 'pictures', modelVersion: 'gemini-3-pro-image' });
    expect(answer).not.toHaveProperty('usage');
  });

  it('has no usage without any count', async () => {
    test.upstream.answerJson(200, { ...toAnswerBody([picturePart]), usageMetadata: {} });
    expect(await test.generate()).not.toHaveProperty('usage');
  });

  it('contains no text that a store cannot keep: NUL, half a surrogate pair, or a word without end', async () => {
    const odd = `a\0b\ud800${'x'.repeat(3_000)}`;
    const body = toAnswerBody([{ text: odd }, { inlineData: { mimeType: odd, data: 'cGljdHVyZQ' } }], odd);
    test.upstream.answerJson(200, { ...body, modelVersion: odd, responseId: odd });
    const word = `a\ufffdb\ufffd${'x'.repeat(196)}`;
    expect(await test.generate()).toMatchObject({
      parts: [{ text: `a\ufffdb\ufffd${'x'.repeat(3_000)}` }, { declaredMimeType: word }],
      modelVersion: word,
      responseId: word,
      finishReason: word,
    });
  });

  it('may write its keys with underscores', async () => {
    const part = { inline_data: { mime_type: 'image/png', data: 'cGljdHVyZQ' }, thought_signature: 'c2ln' };
    test.upstream.answerJson(200, toAnswerBody([part]));
    expect(await readParts(await test.generate())).toEqual([['image/png', 'picture', 'c2ln']]);
  });

  it('keeps a picture whatever surrounds it', async () => {
    const parts = [
      null,
      7,
      { text: 8 },
      { inlineData: 'no' },
      { inlineData: { data: '' } },
      { functionCall: {} },
      picturePart,
    ];
    const body = {
      ...toAnswerBody(parts as object[], 'A_NEW_REASON'),
      usageMetadata: 'none',
      modelVersion: { odd: true },
    };
    test.upstream.answerJson(200, { ...body, promptFeedback: { blockReason: 'BLOCK_REASON_UNSPECIFIED' } });
    const answer = await test.generate();
    expect(await readParts(answer)).toEqual([['image/jpeg', picture.toString(), signature]]);
    expect(answer).toMatchObject({ finishReason: 'A_NEW_REASON' });
    expect(answer).not.toHaveProperty('usage');
  });

  it('arrives complete in pieces of any size', async () => {
    const body = Buffer.from(JSON.stringify(toAnswerBody([picturePart])));
    test.upstream.answer(async (response) => {
      response.writeHead(200);
      for (const byte of body) await new Promise((resolve) => response.write(Uint8Array.of(byte), resolve));
      response.end();
    });
    expect(await readParts(await test.generate())).toEqual([['image/jpeg', picture.toString(), signature]]);
  });
});

describe('the deadline', () => {
  it('is measured by the clock and covers the answer to its last byte', async () => {
    const clock = new ManualClock();
    const late = await ModelUnderTest.create({ clock });
    late.upstream.answer((response) => response.writeHead(200).write('{"candidates":'));
    const answer = late.generate({ timeoutMs: 360_000 });
    await late.upstream.untilCalls(1);
    clock.advance(359_999);
    expect(clock.sleeping).toBe(1);
    clock.advance(1);
    expect(await answer).toMatchObject({
      failure: { code: 'upstream_timeout', message: 'The upstream did not answer within 360 seconds.' },
      isPossiblyBilled: true,
    });
    await late.close();
  });

  it('leaves no timer behind once the call is over', async () => {
    const clock = new ManualClock();
    const quick = await ModelUnderTest.create({ clock });
    quick.upstream.answerJson(200, toAnswerBody([picturePart]));
    await quick.generate();
    await quick.check();
    expect(clock.sleeping).toBe(0);
    await quick.close();
  });
});

describe('the connection', () => {
  it('is unreachable when nothing answers, and nothing is billed', async () => {
    await test.upstream.close();
    const failure = { code: 'upstream_unreachable', message: expect.stringContaining('ECONNREFUSED') };
    expect(await test.generate()).toMatchObject({ kind: 'failed', failure, isPossiblyBilled: false });
    expect(await test.check()).toMatchObject({ kind: 'failed', failure });
    test = await ModelUnderTest.create();
  });

  it('is lost when it breaks before an answer, and the call is possibly billed', async () => {
    test.upstream.answer((response) => response.destroy());
    const failure = { code: 'upstream_connection_lost' };
    expect(await test.generate()).toMatchObject({ kind: 'failed', failure, isPossiblyBilled: true });
    expect(test.upstream.received).toHaveLength(1);
  });

  it('that does not speak HTTP gives an invalid answer', async () => {
    test.upstream.answer((response) => response.socket?.end('not HTTP at all\r\n\r\n'));
    expect(await test.generate()).toMatchObject({
      failure: { code: 'upstream_answer_invalid' },
      isPossiblyBilled: true,
    });
  });
});

async function toConversation(): Promise<readonly Turn[]> {
  const [pictureFile, signatureFile] = [join(test.spoolFolder, 'picture'), join(test.spoolFolder, 'signature')];
  await writeFile(pictureFile, picture);
  await writeFile(signatureFile, signature);
  const file = { path: pictureFile, bytes: picture.length };
  const own = { kind: 'file', file: { path: signatureFile, bytes: signature.length } } as const;
  const standIn = { kind: 'stand-in', value: 'skip_thought_signature_validator' } as const;
  return [
    {
      role: 'user',
      parts: [
        { kind: 'text', text: 'a cat' },
        { kind: 'picture', file, mimeType: 'image/webp' },
      ],
    },
    {
      role: 'model',
      parts: [
        { kind: 'text', text: 'A cat.', signature: standIn },
        { kind: 'picture', file, mimeType: 'image/png', signature: own },
      ],
    },
  ];
}

type ReadPart = readonly [kind: string, content: string, signature: string | undefined];

async function readParts(answer: ImageAnswer): Promise<readonly ReadPart[]> {
  if (answer.kind !== 'pictures') expect.fail(`There are no pictures: ${JSON.stringify(answer)}`);
  return Promise.all(answer.parts.map(readPart));
}

async function readPart(part: AnswerPart): Promise<ReadPart> {
  const signed = part.signature && (await readFile(part.signature.path, 'utf8'));
  if (part.kind === 'text') return ['text', part.text, signed];
  return [part.declaredMimeType, await readFile(part.file.path, 'utf8'), signed];
}
