import { readdir, readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ModelUnderTest } from '../../../test/fakes/model-under-test.ts';
import {
  picturePart,
  thoughtParts,
  toAnswerBody,
  toErrorBody,
  toErrorInfo,
  toQuotaFailure,
} from '../../../test/fakes/recorded-answers.ts';
import type { Failure, FailureCode } from '../../core/failures.ts';
import type { ImageAnswer, Turn, TurnPart } from '../image-model.ts';

let test: ModelUnderTest;
beforeEach(async () => {
  test = await ModelUnderTest.create();
});
afterEach(() => test.close());

/** Looks like a PNG by its first bytes, and is longer than any buffer on its way. */
const png = Buffer.concat([Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), Buffer.alloc(300_001, 'seed\xff')]);
const jpeg = Buffer.concat([Buffer.from('ffd8ffe000104a464946', 'hex'), Buffer.alloc(70_000, 'rest\xfe')]);
const base64 = png.toString('base64');
const inLines = (text: string, lineBreak: string, length = 76) =>
  text.replaceAll(new RegExp(`.{${length}}`, 'g'), `$&${lineBreak}`);

type Seen = readonly [kind: string, content: string];

/** The parts in order; a picture by its type and the name of its bytes. */
async function see(answer: ImageAnswer): Promise<readonly Seen[]> {
  if (answer.kind !== 'pictures') expect.fail(`There are no pictures: ${JSON.stringify(answer)}`);
  const seen = await Promise.all(
    answer.parts.map(async (part): Promise<Seen> => {
      if (part.kind === 'text') return ['text', part.text];
      return [part.declaredMimeType, toName(await readFile(part.file.path))];
    }),
  );
  expect(await readdir(test.spoolFolder)).toHaveLength(answer.parts.filter(({ kind }) => kind === 'picture').length);
  return seen;
}

function toName(bytes: Buffer): string {
  if (bytes.equals(png)) return 'png';
  return bytes.equals(jpeg) ? 'jpeg' : bytes.toString();
}

const unknown = 'application/octet-stream';

describe('a picture in inlineData', () => {
  it.each<[string, object, string]>([
    ['in lines', { mimeType: 'image/png', data: inLines(base64, '\r\n') }, 'image/png'],
    ['as a data URI', { data: `data:image/png;base64,${base64}` }, 'image/png'],
    [
      'as a data URI in lines, next to a type',
      { mimeType: 'image/x', data: `data:image/png;base64,\n${inLines(base64, '\n')}` },
      'image/x',
    ],
  ])('is read %s', async (_how, inlineData, type) => {
    test.upstream.answerJson(200, toAnswerBody([{ inlineData }]));
    expect(await see(await test.generate())).toEqual([[type, 'png']]);
  });

  it('is read after a byte order mark', async () => {
    test.upstream.answerBody(200, `\ufeff${JSON.stringify(toAnswerBody([{ inlineData: { data: base64 } }]))}`);
    expect(await see(await test.generate())).toEqual([[unknown, 'png']]);
  });

  it('is kept when the answer also has other data that is not base64', async () => {
    const other = { inlineData: { mimeType: 'text/plain', data: 'Hello, world!' } };
    const body = { ...toAnswerBody([other, { inlineData: { data: base64 } }]), groundingMetadata: { data: 'a b, c' } };
    test.upstream.answerJson(200, body);
    expect(await see(await test.generate())).toEqual([[unknown, 'png']]);
  });

  it('is found in a candidate other than the first', async () => {
    const [candidate] = (toAnswerBody([{ inlineData: { data: base64 } }]) as { candidates: object[] }).candidates;
    test.upstream.answerJson(200, { candidates: [{ finishReason: 'OTHER' }, candidate] });
    expect(await see(await test.generate())).toEqual([[unknown, 'png']]);
  });

  it('is found in an answer that is the only item of an array', async () => {
    test.upstream.answerJson(200, [toAnswerBody([{ inlineData: { data: base64 } }])]);
    expect(await see(await test.generate())).toEqual([[unknown, 'png']]);
  });
});

describe('a picture in words', () => {
  const uri = `data:image/png;base64,${base64}`;

  it.each<[string, string, readonly Seen[]]>([
    ['only base64', base64, [[unknown, 'png']]],
    ['base64 of a JPEG, without padding', jpeg.toString('base64').replaceAll('=', ''), [[unknown, 'jpeg']]],
    [
      'base64 in lines, between words',
      `Here:\n${inLines(base64, '\n')}\nEnjoy!`,
      [
        ['text', 'Here:'],
        [unknown, 'png'],
        ['text', 'Enjoy!'],
      ],
    ],
    ['base64 in a fence', `\`\`\`base64\n${inLines(base64, '\r\n', 64)}\n\`\`\``, [[unknown, 'png']]],
    ['a data URI', uri, [['image/png', 'png']]],
    ['Markdown', `![a cat](${uri})`, [['image/png', 'png']]],
    [
      'Markdown between words',
      `A cat:\n\n![a cat](${uri} "A cat") and no dog.`,
      [
        ['text', 'A cat:'],
        ['image/png', 'png'],
        ['text', 'and no dog.'],
      ],
    ],
    [
      'Markdown with a title',
      `One.\n![a](<${uri}> "A cat")\nTwo.`,
      [
        ['text', 'One.'],
        ['image/png', 'png'],
        ['text', 'Two.'],
      ],
    ],
    ['HTML', `<img alt="a" src="${uri}" width=3>`, [['image/png', 'png']]],
    [
      'two of them',
      `1. ![](${uri})\n2. ![](data:image/jpeg;base64,${jpeg.toString('base64')})`,
      [
        ['text', '1.'],
        ['image/png', 'png'],
        ['text', '2.'],
        ['image/jpeg', 'jpeg'],
      ],
    ],
  ])('is read from %s', async (_how, text, seen) => {
    test.upstream.answerJson(200, toAnswerBody([{ text }]));
    expect(await see(await test.generate())).toEqual(seen);
  });

  it('is read from words so short that they stay in memory', async () => {
    const small = png.subarray(0, 99).toString('base64');
    test.upstream.answerJson(200, toAnswerBody([{ text: `![](data:image/png;base64,${small})` }]));
    expect(await see(await test.generate())).toEqual([['image/png', png.subarray(0, 99).toString()]]);
  });

  it('is never whole in memory', async () => {
    const limited = await ModelUnderTest.create({ limits: { maxJsonBytes: 100_000 } });
    limited.upstream.answerJson(200, toAnswerBody([{ text: uri }]));
    expect(await limited.generate()).toMatchObject({ kind: 'pictures', parts: [{ file: { bytes: png.length } }] });
    await limited.close();
  });

  it('yields to a picture in a separate part, and leaves no file', async () => {
    test.upstream.answerJson(
      200,
      toAnswerBody([{ text: `A cat: ${uri}` }, { inlineData: { data: jpeg.toString('base64') } }]),
    );
    expect(await see(await test.generate())).toEqual([
      ['text', 'A cat:'],
      [unknown, 'jpeg'],
    ]);
  });

  it('is one of 32 at most; the rest is left out, however many there are', async () => {
    const many = '![](data:image/png;base64,AAAA) and '.repeat(20_000);
    test.upstream.answerJson(200, toAnswerBody([{ text: many }, { text: 'data:image/png;base64,AAAA' }]));
    const answer = await test.generate();
    if (answer.kind !== 'pictures') expect.fail();
    expect(answer.parts.filter(({ kind }) => kind === 'picture')).toHaveLength(32);
    expect(await readdir(test.spoolFolder)).toHaveLength(32);
  });

  it('is found quickly among twenty thousand parts', async () => {
    const parts = Array.from({ length: 20_000 }, () => ({ text: 'a' }));
    test.upstream.answerJson(200, toAnswerBody([...parts, { text: uri }]));
    expect(await test.generate({ timeoutMs: 60_000 })).toMatchObject({ kind: 'pictures', parts: { length: 33 } });
  });

  it('gets the signature of its part', async () => {
    test.upstream.answerJson(200, toAnswerBody([{ text: `A cat: ${uri}`, thoughtSignature: 'c2ln' }]));
    const answer = await test.generate();
    expect(answer).toMatchObject({ parts: [{ kind: 'text' }, { kind: 'picture', signature: { bytes: 4 } }] });
    expect(answer).not.toHaveProperty('parts.0.signature');
  });

  it.each([
    ['long words without a picture', 'A cat. '.repeat(20_000), 'text_only'],
    ['a picture that is too large', `![](${uri})`, 'upstream_answer_invalid'],
    ['a picture that is cut to nothing', '![](data:image/png;base64,)!', 'no_image'],
    ['a picture that is no base64', `![](data:image/png;base64,${'A'.repeat(9)})!`, 'upstream_answer_invalid'],
  ])('%s: is no picture, and leaves no file', async (_what, text, code) => {
    const limited = await ModelUnderTest.create({ limits: { maxPictureBytes: 200_000 } });
    limited.upstream.answerJson(200, toAnswerBody([{ text }]));
    expect(await limited.generate()).toMatchObject({ kind: 'failed', failure: { code } });
    expect(await readdir(limited.spoolFolder)).toEqual([]);
    await limited.close();
  });
});

describe('a draft', () => {
  const draft = (name: string) => ({ inlineData: { data: Buffer.from(name).toString('base64') }, thought: true });

  it('is dropped when there is a final picture', async () => {
    test.upstream.answerJson(200, toAnswerBody([draft('one'), picturePart, draft('two')]));
    expect(await test.generate()).toMatchObject({ parts: [{ kind: 'picture', signature: {} }] });
  });

  it('is taken, the last one, when the answer finished without another picture', async () => {
    test.upstream.answerJson(200, toAnswerBody([...thoughtParts, draft('one'), { text: 'A cat.' }, draft('two')]));
    expect(await see(await test.generate())).toEqual([
      ['text', 'A cat.'],
      [unknown, 'two'],
    ]);
  });

  it.each(['IMAGE_SAFETY', 'MAX_TOKENS', 'NO_IMAGE'])('is not taken when the answer ended with %s', async (reason) => {
    test.upstream.answerJson(200, toAnswerBody([draft('one')], reason));
    expect(await test.generate()).toMatchObject({ kind: 'failed', failure: { finishReason: reason } });
    expect(await readdir(test.spoolFolder)).toEqual([]);
  });
});

describe('an error in a 200', () => {
  const overloaded = toErrorBody(503, 'UNAVAILABLE', 'The model is overloaded.');

  it.each<[string, unknown, FailureCode, Partial<Failure>]>([
    [
      'an overload',
      overloaded,
      'upstream_overloaded',
      { upstreamStatus: 503, upstreamMessage: 'The model is overloaded.' },
    ],
    ['in an array', [overloaded], 'upstream_overloaded', {}],
    ['without candidates', { candidates: [], ...overloaded }, 'upstream_overloaded', {}],
    [
      'a quota',
      toErrorBody(429, 'RESOURCE_EXHAUSTED', 'Please retry in 7s.', [toQuotaFailure('RequestsPerMinute')]),
      'upstream_rate_limited',
      { retryAfterMs: 7_000 },
    ],
    [
      'a wrong key',
      toErrorBody(400, 'INVALID_ARGUMENT', 'No.', [toErrorInfo('API_KEY_INVALID')]),
      'upstream_key_invalid',
      {},
    ],
    ['a code as a string', { error: { code: '404', message: 'No such model.' } }, 'upstream_model_unavailable', {}],
    [
      'a canonical number',
      { error: { code: 8, message: 'Out of it.' } },
      'upstream_overloaded',
      { upstreamStatus: 429 },
    ],
    ['a canonical name', { error: { status: 'DEADLINE_EXCEEDED' } }, 'upstream_timeout', {}],
    ['a code that is a name', { error: { code: 'invalid_argument', message: 'No.' } }, 'upstream_rejected', {}],
    ['words of a relay', { error: { message: 'Too many requests', type: 'new_api_error' } }, 'upstream_overloaded', {}],
    ['only a sentence', { error: 'The service is unavailable.' }, 'upstream_overloaded', {}],
    ['a sentence that says nothing', { error: 'Oh no.' }, 'upstream_error', { upstreamStatus: 500 }],
    [
      'a code that is no status',
      { error: { code: 1e16, message: 'Oh no.' } },
      'upstream_error',
      { upstreamStatus: 500 },
    ],
  ])('means what it would mean with its own status: %s', async (_what, body, code, facts) => {
    test.upstream.answerJson(200, body);
    const failed = { kind: 'failed', isPossiblyBilled: false, failure: { code, ...facts } };
    expect(await test.generate()).toMatchObject(failed);
    expect(await readdir(test.spoolFolder)).toEqual([]);
  });

  it('is ignored when there is a picture', async () => {
    test.upstream.answerJson(200, { ...toAnswerBody([picturePart]), ...overloaded });
    expect(await test.generate()).toMatchObject({ kind: 'pictures' });
  });

  it.each([null, {}, '', { code: 0 }, { code: 200 }, 7, []])('is ignored when it says nothing: %j', async (error) => {
    test.upstream.answerJson(200, { ...toAnswerBody([], 'NO_IMAGE'), error });
    expect(await test.generate()).toMatchObject({ failure: { code: 'no_image' } });
  });
});

describe('a thought signature', () => {
  it.each(['"', '\\', '\n', 'a"b\\c\nd\u0000', '\ud83d', 'é😀', '\\u0022'.repeat(20_000)])(
    'is returned as it was: %j',
    async (signature) => {
      test.upstream.answerJson(
        200,
        toAnswerBody([
          { text: 'A cat.', thoughtSignature: signature },
          { ...picturePart, thoughtSignature: signature },
        ]),
      );
      const answer = await test.generate();
      if (answer.kind !== 'pictures') expect.fail();
      await test.generate({ turns: toNextTurns(answer) });
      const sent = JSON.parse(test.upstream.received[1]?.body ?? '').contents[1].parts;
      expect(sent.map((part: { thoughtSignature: string }) => part.thoughtSignature)).toEqual([signature, signature]);
    },
  );
});

function toNextTurns({ parts }: Extract<ImageAnswer, { kind: 'pictures' }>): readonly Turn[] {
  const user = { role: 'user', parts: [{ kind: 'text', text: 'a cat' }] } as const;
  const model = parts.map((part): TurnPart => {
    const signature = part.signature && { signature: { kind: 'file', file: part.signature } as const };
    return part.kind === 'text'
      ? { kind: 'text', text: part.text, ...signature }
      : { kind: 'picture', file: part.file, mimeType: part.declaredMimeType, ...signature };
  });
  return [user, { role: 'model', parts: model }, user];
}

describe('what the model looked up', () => {
  const toBody = (groundingMetadata: unknown) => ({
    candidates: [{ content: { parts: [{ inlineData: { data: base64 } }] }, finishReason: 'STOP', groundingMetadata }],
  });
  const read = async (groundingMetadata: unknown) => {
    test.upstream.answerJson(200, toBody(groundingMetadata));
    const answer = await test.generate();
    return answer.kind === 'pictures' ? answer.grounding : expect.fail('There are no pictures.');
  };

  it('is bounded, and its addresses are those of the web', async () => {
    const grounding = await read({
      webSearchQueries: [...Array(30).fill('q\0'.repeat(400)), 7],
      imageSearchQueries: ['cats'],
      groundingChunks: [
        { web: { uri: 'javascript:alert(1)', title: 'bad' } },
        { web: { uri: `https://a.example/${'x'.repeat(3_000)}` } },
        { image: { sourceUri: 'https://a.example/page', title: 't'.repeat(900) } },
        { retrievedContext: {} },
        ...Array(60).fill({ web: { uri: 'http://b.example' } }),
      ],
      searchEntryPoint: { renderedContent: 'x'.repeat(20_001) },
    });
    expect(grounding?.queries).toEqual(Array(20).fill('q\ufffd'.repeat(250)));
    expect(grounding?.sources.slice(0, 2)).toEqual([
      { url: 'https://a.example/page', title: 't'.repeat(300) },
      { url: 'http://b.example/' },
    ]);
    expect(grounding?.sources).toHaveLength(50);
    expect(grounding).not.toHaveProperty('suggestions');
  });

  it.each([
    [null],
    [[]],
    ['text'],
    [{}],
    [{ webSearchQueries: 'a', groundingChunks: { web: 1 }, searchEntryPoint: 4 }],
  ])('is nothing when it is %j, and costs no picture', async (given) => {
    expect(await read(given)).toBeUndefined();
  });
});
