import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import {
  type AnswerPart,
  drawFlat,
  type Harness,
  nothing,
  readAnswer,
  readError,
  readParts,
  startSandbox,
} from '../test/sandbox-harness.ts';
import type { Illustrate } from './picture.ts';

/** Conversations as clients have them: every call sends all turns again, including those of the sandbox. */

interface Turn {
  readonly role?: string;
  readonly parts: readonly object[];
}

const user = (text: string, ...parts: object[]): Turn => ({ role: 'user', parts: [{ text }, ...parts] });
const model = (...parts: readonly object[]): Turn => ({ role: 'model', parts });
const generationConfig = { responseModalities: ['TEXT', 'IMAGE'] };
const say = ({ post }: Harness, ...contents: readonly Turn[]) => post({ contents, generationConfig });

const data = (await drawFlat({ ...nothing, pixels: { width: 8, height: 8 } })).toString('base64');
const foreign = { inlineData: { mimeType: 'image/jpeg', data } };

/** The two signed parts of an answer: the text and the picture. */
async function answer(sandbox: Harness, prompt: string): Promise<readonly [AnswerPart, AnswerPart]> {
  const [said = {}, drawn = {}] = await readParts(await say(sandbox, user(prompt)));
  return [said, drawn];
}

describe('a conversation continues when', () => {
  it('the answer comes back unchanged, and its texts in their order are the prompt and the edits', async () => {
    const sandbox = await startSandbox();
    const parts = await answer(sandbox, 'a panda');
    const response = await say(sandbox, user('a panda'), model(...parts), user('make the cup blue'));
    expect(response.status).toBe(200);
    expect(await readParts(response)).toHaveLength(2);
    expect(sandbox.orders.at(-1)).toMatchObject({ prompt: 'a panda', edits: ['make the cup blue'], references: [] });
  });

  it('it has ten turns', async () => {
    const sandbox = await startSandbox();
    const turns: Turn[] = [];
    for (let index = 1; index <= 10; index += 1) {
      turns.push(user(`wish ${index}`));
      const response = await say(sandbox, ...turns);
      expect(response.status).toBe(200);
      turns.push(model(...(await readParts(response))));
    }
    const { edits, prompt } = sandbox.orders.at(-1) ?? nothing;
    expect([prompt, ...edits]).toEqual(Array.from({ length: 10 }, (_, index) => `wish ${index + 1}`));
  });

  it('the signatures are 2 MB long', async () => {
    const sandbox = await startSandbox();
    const parts = await answer(sandbox, 'a panda [[sandbox signature=2MB bytes=3MB]]');
    expect(parts.map(({ thoughtSignature }) => thoughtSignature?.length)).toEqual([2_000_000, 2_000_000]);
    expect((await say(sandbox, user('a panda'), model(...parts), user('more'))).status).toBe(200);
    const [said, drawn] = parts;
    const changed = { ...drawn, thoughtSignature: `${drawn.thoughtSignature?.slice(0, -1)}!` };
    expect((await say(sandbox, user('a panda'), model(said, changed), user('more'))).status).toBe(400);
    expect(await sandbox.spooled()).toEqual([]);
  });

  it('its names are in snake_case', async () => {
    const sandbox = await startSandbox();
    const [said, drawn] = await answer(sandbox, 'a panda');
    const parts = [
      { text: said.text, thought_signature: said.thoughtSignature },
      {
        inline_data: { mime_type: drawn.inlineData?.mimeType, data: drawn.inlineData?.data },
        thought_signature: drawn.thoughtSignature,
      },
    ];
    expect((await say(sandbox, user('a panda'), model(...parts), user('more'))).status).toBe(200);
  });

  it('it contains the thoughts and drafts of the answer', async () => {
    const sandbox = await startSandbox();
    const parts = await readParts(await say(sandbox, user('a panda [[sandbox thoughts]]')));
    expect(parts.map(({ thought }) => thought)).toEqual([true, true, undefined, undefined]);
    expect((await say(sandbox, user('a panda'), model(...parts), user('more'))).status).toBe(200);
    expect(sandbox.orders.at(-1)?.references).toEqual([]);
  });

  it.each<[string, (said: AnswerPart, drawn: AnswerPart) => readonly object[]]>([
    ['the model’s words are left out', (_said, drawn) => [drawn]],
    ['a text that is not the first part has no signature', ({ text }, drawn) => [drawn, { text }]],
    ['a user’s part carries a signature', (said, drawn) => [said, drawn]],
  ])('%s', async (_what, toParts) => {
    const sandbox = await startSandbox();
    const parts = toParts(...(await answer(sandbox, 'a panda')));
    const last = user('more', { ...foreign, thoughtSignature: 'of nothing' });
    expect((await say(sandbox, user('a panda'), model(...parts), last)).status).toBe(200);
  });

  it.each(['skip_thought_signature_validator', 'context_engineering_is_the_way_to_go'])(
    'parts that are not the model’s carry the stand-in %s',
    async (thoughtSignature) => {
      const sandbox = await startSandbox();
      const parts = [{ text: 'My own words.' }, foreign, { text: 'And more.' }];
      const signed = model(...parts.map((part) => ({ ...part, thoughtSignature })));
      expect((await say(sandbox, user('a panda'), signed, user('more'))).status).toBe(200);
    },
  );
});

describe('a conversation is refused with 400 INVALID_ARGUMENT when', () => {
  const missing = (kind: string, content: number, part: number) =>
    `${kind} part is missing a thought_signature in content position ${content}, part position ${part}. Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures#model-behavior for more details.`;
  const corrupted = 'Corrupted thought signature.';
  const without = ({ thoughtSignature: _dropped, ...part }: AnswerPart) => part;

  it.each<[string, (said: AnswerPart, drawn: AnswerPart) => readonly object[], string]>([
    ['the picture’s signature is lost', (said, drawn) => [said, without(drawn)], missing('Image', 2, 2)],
    ['the first text’s signature is lost', (said, drawn) => [without(said), drawn], missing('Text', 2, 1)],
    ['the signatures are empty', (said) => [{ ...said, thoughtSignature: '' }], missing('Text', 2, 1)],
    ['the signatures are null', (_said, drawn) => [{ ...drawn, thoughtSignature: null }], missing('Image', 2, 1)],
    [
      'the first text after a thought has none',
      (said, drawn) => [{ text: 'Hm.', thought: true }, without(said), drawn],
      missing('Text', 2, 2),
    ],
    [
      'the signatures are in separate parts',
      (said, drawn) => [said, without(drawn), { text: '', thoughtSignature: drawn.thoughtSignature }],
      missing('Image', 2, 2),
    ],
    ['a user’s picture is added to the model’s turn', (said, drawn) => [said, drawn, foreign], missing('Image', 2, 3)],
    [
      'the signatures are swapped',
      (said, drawn) => [
        { ...said, thoughtSignature: drawn.thoughtSignature },
        { ...drawn, thoughtSignature: said.thoughtSignature },
      ],
      corrupted,
    ],
    [
      'another picture carries the signature',
      (said, { thoughtSignature }) => [said, { ...foreign, thoughtSignature }],
      corrupted,
    ],
    ['the words are changed', (said, drawn) => [{ ...said, text: 'I drew it.' }, drawn], corrupted],
    [
      'the signature is cut',
      (said, drawn) => [said, { ...drawn, thoughtSignature: drawn.thoughtSignature?.slice(0, 41) }],
      corrupted,
    ],
    ['the signature is made up', (said) => [said, { ...foreign, thoughtSignature: 'c2lnbmVk' }], corrupted],
    [
      'a text that needs no signature has a wrong one',
      (said, drawn) => [drawn, { text: 'More.', thoughtSignature: said.thoughtSignature }],
      corrupted,
    ],
    [
      'a part that the model never makes carries a signature',
      (said) => [said, { functionCall: { name: 'draw' }, thoughtSignature: said.thoughtSignature }],
      corrupted,
    ],
  ])('%s; the lenient sandbox accepts it', async (_what, toParts, message) => {
    const strict = await startSandbox();
    const lenient = await startSandbox({ signatures: 'lenient' });
    const parts = toParts(...(await answer(strict, 'a panda')));
    const turns = [user('a panda'), model(...parts), user('more')];
    const refused = await say(strict, ...turns);
    expect(refused.status).toBe(400);
    expect(await readError(refused)).toEqual({ code: 400, message, status: 'INVALID_ARGUMENT' });
    expect(await strict.spooled()).toEqual([]);
    expect((await say(lenient, ...turns)).status).toBe(200);
  });

  it('only a later turn is wrong; the error names its position', async () => {
    const sandbox = await startSandbox();
    const [said, drawn] = await answer(sandbox, 'a panda');
    const turns = [user('a panda'), model(said, drawn), user('more'), model(said, foreign), user('more')];
    expect((await readError(await say(sandbox, ...turns))).message).toBe(missing('Image', 4, 2));
  });
});

describe('the illustrator gets', () => {
  it('the user’s texts without directives; only those of the last turn are followed', async () => {
    const sandbox = await startSandbox();
    const parts = await answer(sandbox, 'a panda');
    const response = await say(
      sandbox,
      user('a panda [[sandbox status=503]]'),
      model(...parts),
      user('[[sandbox no such words]]'),
      { parts: [{ text: 'make it' }, { text: 'night' }] },
      user('add a cat [[sandbox images=2]]'),
    );
    expect(response.status).toBe(200);
    const order = { prompt: 'a panda', edits: ['make it\nnight', 'add a cat'] };
    expect(sandbox.orders.slice(1)).toMatchObject([
      { ...order, take: { scene: 1, shade: 0 } },
      { ...order, take: { scene: 1, shade: 1 } },
    ]);
  });

  it('another take of a picture that is requested again, and for an edit the take of the edited picture', async () => {
    const sandbox = await startSandbox();
    const [, third] = [
      await answer(sandbox, 'a panda'),
      await answer(sandbox, 'a panda'),
      await answer(sandbox, 'a fox'),
    ];
    expect(sandbox.orders.map(({ take }) => take.scene)).toEqual([1, 2, 1]);
    for (const text of ['at night', 'at night', 'with a hat']) {
      await say(sandbox, user('a panda'), model(...third), user(text));
    }
    const [night, again, hat] = sandbox.orders.slice(3).map(({ take }) => take);
    expect([night, again, hat]).toEqual([
      { scene: 2, shade: 0 },
      { scene: 2, shade: 1 },
      { scene: 2, shade: 0 },
    ]);
  });

  it('the shade of an edit that is edited again', async () => {
    const sandbox = await startSandbox();
    const first = await answer(sandbox, 'a panda');
    const turns = [user('a panda'), model(...first), user('at night')];
    await say(sandbox, ...turns);
    const second = await readParts(await say(sandbox, ...turns));
    await say(sandbox, ...turns, model(...second), user('with a hat'));
    expect(sandbox.orders.at(-1)?.take).toEqual({ scene: 1, shade: 1 });
  });

  it('the user’s pictures, and foreign pictures in the model’s turns, as files until the call ends', async () => {
    const seen: string[] = [];
    const look: Illustrate = async (order) => {
      for (const { path } of order.references) {
        const { dominant } = await sharp(await readFile(path)).stats();
        seen.push(`${dominant.r > dominant.b ? 'red' : 'blue'}`);
      }
      return drawFlat(order);
    };
    const sandbox = await startSandbox({ illustrate: look });
    const [said, drawn] = await answer(sandbox, 'a panda');
    const thoughtSignature = 'skip_thought_signature_validator';
    const response = await say(
      sandbox,
      user('a panda', await flat('red')),
      model(said, drawn, { ...(await flat('blue')), thoughtSignature }),
      user('more', await flat('red')),
    );
    expect(response.status).toBe(200);
    expect(seen).toEqual(['red', 'blue', 'red']);
    expect(await sandbox.spooled()).toEqual([]);
  });
});

it('counts the texts and pictures of every turn', async () => {
  const sandbox = await startSandbox();
  const [said, drawn] = await answer(sandbox, 'a panda');
  const response = await say(sandbox, user('a panda', foreign), model(said, drawn), user('blue'));
  expect((await readAnswer(response)).usageMetadata).toMatchObject({
    promptTokenCount: Math.ceil(`a panda${said.text}blue`.length / 4) + 2 * 560,
    promptTokensDetails: [{ modality: 'TEXT' }, { modality: 'IMAGE', tokenCount: 1120 }],
  });
});

async function flat(background: string): Promise<object> {
  const picture = sharp({ create: { width: 8, height: 8, channels: 3, background } }).png();
  return { inlineData: { mimeType: 'image/png', data: (await picture.toBuffer()).toString('base64') } };
}
