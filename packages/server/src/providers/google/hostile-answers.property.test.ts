import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { env } from 'node:process';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ModelUnderTest } from '../../../test/fakes/model-under-test.ts';
import { picturePart, toAnswerBody } from '../../../test/fakes/recorded-answers.ts';
import { models } from '../../../test/models.ts';
import { failureKinds } from '../../core/failures.ts';
import type { AnswerPart, ImageAnswer } from '../image-model.ts';

const { FC_NUM_RUNS: numRuns = '150', FC_SEED: seed } = env;
const runs = { numRuns: Number(numRuns), ...(seed !== undefined && { seed: Number(seed) }) };

let test: ModelUnderTest;
beforeEach(async () => {
  const limits = { maxPictureBytes: 20_000, maxAnswerBytes: 400_000, maxJsonBytes: 100_000, maxTextBytes: 50_000 };
  test = await ModelUnderTest.create({ limits });
});
afterEach(() => test.close());

const base64 = Buffer.from('89504e470d0a1a0a', 'hex').toString('base64').padEnd(120, 'A');

/** Every word of the protocol that the client reads, and some that it does not. */
const keys = fc.constantFrom(
  ...['candidates', 'content', 'parts', 'text', 'thought', 'inlineData', 'inline_data', 'mimeType', 'data'],
  ...['thoughtSignature', 'finishReason', 'finishMessage', 'promptFeedback', 'blockReason', 'blockReasonMessage'],
  ...['usageMetadata', 'promptTokenCount', 'candidatesTokenCount', 'candidatesTokensDetails', 'modality', 'tokenCount'],
  ...['thoughtsTokenCount', 'totalTokenCount', 'modelVersion', 'responseId', 'error', 'code', 'status', 'message'],
  ...['details', 'reason', 'retryDelay', 'violations', 'quotaId', 'type', '__proto__', 'toString', ''],
);

const numbers = fc.constantFrom(0, -1, 0.5, 8, 429, 1e16, 4e18, -4e18, 1e308, 2 ** 31, 2 ** 53, 65_536);

const strings = fc.constantFrom(
  ...['', 'STOP', 'SAFETY', 'A_NEW_REASON', 'RESOURCE_EXHAUSTED', '1e16', '99999999s', 'Please retry in 99999h.'],
  ...['\0', 'a\0b', '\ud800', '\udc00x', 'é😀', 'x'.repeat(3_000), '\0'.repeat(40_000), '😀'.repeat(30_000)],
  ...[base64, `data:image/png;base64,${base64}`, `![a](data:image/png;base64,${base64})`, `say ${base64}\n`, '***'],
  ...['A'.repeat(40_000), `![](data:image/png;base64,${'A'.repeat(40_000)})`, '{"error":7}'],
);

const scalars = fc.oneof(fc.constantFrom(null, true, false), numbers, strings);

const { anything } = fc.letrec<{ anything: unknown }>((tie) => ({
  anything: fc.oneof(
    { maxDepth: 5, depthSize: 'medium' },
    scalars,
    fc.array(tie('anything'), { maxLength: 4 }),
    fc.array(fc.tuple(keys, tie('anything')), { maxLength: 6 }).map((members) => Object.fromEntries(members)),
  ),
}));

/**
 * A real answer in which some values are replaced, most of them by values of the same type: what is nearly right gets furthest.
 */
const damaged = fc
  .tuple(
    fc.constantFrom(
      toAnswerBody([{ text: 'A cat.' }, picturePart, { ...picturePart, thought: true }]),
      toAnswerBody([{ text: `![a](data:image/png;base64,${base64})`, thoughtSignature: 'c2ln' }]),
      toAnswerBody(undefined, 'NO_IMAGE'),
      { error: { code: 429, message: 'Please retry in 7s.', status: 'RESOURCE_EXHAUSTED', details: [{}] } },
      { promptFeedback: { blockReason: 'SAFETY' } },
    ),
    fc.array(fc.record({ at: fc.nat(45), number: numbers, string: strings, other: fc.option(anything, { freq: 1 }) }), {
      minLength: 1,
      maxLength: 9,
    }),
  )
  .map(([body, changes]) => changes.reduce(change, JSON.stringify(body)));

interface Change {
  readonly at: number;
  readonly number: number;
  readonly string: string;
  readonly other: unknown;
}

/** The JSON with the value at that place changed. */
function change(json: string, { at, number, string, other }: Change): string {
  let index = -2;
  return JSON.stringify(JSON.parse(json), (_key, value: unknown) => {
    index += 1;
    if (index !== at) return value;
    if (typeof value === 'number') return number;
    return typeof value === 'string' ? string : (other ?? value);
  });
}

const bodies = fc.oneof(
  damaged,
  anything.map((value) => JSON.stringify(value) ?? ''),
  fc.tuple(damaged, fc.nat(200)).map(([body, cut]) => body.slice(0, -cut)),
  damaged.map((body) => `\ufeff${body}`),
  fc.string(),
);

it('every answer of the upstream, whatever it is, ends in a verdict that every store and every reader can handle', async () => {
  const statuses = fc.oneof(
    { weight: 4, arbitrary: fc.constant(200) },
    fc.constantFrom(201, 302, 400, 404, 429, 500, 599),
  );
  const delays = fc.constantFrom(
    undefined,
    '',
    '7',
    '999999',
    '9'.repeat(300),
    '-1',
    'soon',
    'Sun, 22 Nov 3026 11:00:00 GMT',
  );
  await fc.assert(
    fc.asyncProperty(bodies, statuses, delays, async (body, status, retryAfter) => {
      test.upstream.answerBody(status, body, retryAfter === undefined ? {} : { 'retry-after': retryAfter });
      await expectSound(await test.generate());
      for (const name of await readdir(test.spoolFolder)) await rm(join(test.spoolFolder, name));
    }),
    runs,
  );
});

async function expectSound(answer: ImageAnswer): Promise<void> {
  if (answer.kind === 'interrupted') expect.fail('Nobody interrupted it.');
  for (const word of [answer.modelVersion, answer.responseId, answer.finishReason]) expectText(word, 200);
  expectUsage(answer.usage);
  if (answer.kind === 'failed') expectFailure(answer.failure);
  const parts = answer.kind === 'pictures' ? answer.parts : [];
  expect(parts.length).toBeLessThanOrEqual(64);
  const texts = parts.map((part) => (part.kind === 'text' ? part.text : ''));
  expect(texts.join('').length).toBeLessThanOrEqual(200_000);
  expect(parts.some(({ kind }) => kind === 'picture')).toBe(answer.kind === 'pictures');
  const files = (await Promise.all(parts.map(expectPart))).flat();
  expect((await readdir(test.spoolFolder)).map((name) => join(test.spoolFolder, name)).sort()).toEqual(files.sort());
}

function expectText(text: string | undefined, maxLength: number): void {
  expect(text?.length ?? 0).toBeLessThanOrEqual(maxLength);
  expect(text ?? '').not.toContain('\0');
  expect(text?.isWellFormed() ?? true).toBe(true);
}

function expectUsage(usage: Extract<ImageAnswer, { kind: 'pictures' }>['usage']): void {
  if (usage === undefined) return;
  for (const count of Object.values(usage)) expect(count).toBeLessThan(10_000_000);
  for (const count of Object.values(usage)) expect(Number.isSafeInteger(count) && count >= 0).toBe(true);
  for (const model of models.list()) expect(model.cost(usage)).toBeLessThan(50_000_000);
}

function expectFailure(failure: Extract<ImageAnswer, { kind: 'failed' }>['failure']): void {
  expect(Object.keys(failureKinds)).toContain(failure.code);
  expect(failure.message).not.toBe('');
  for (const text of Object.values(failure)) if (typeof text === 'string') expectText(text, 2_200);
  const { retryAfterMs = 1, upstreamStatus = 200 } = failure;
  expect(Number.isSafeInteger(retryAfterMs) && retryAfterMs > 0 && retryAfterMs <= 25 * 3_600_000).toBe(true);
  expect(Number.isInteger(upstreamStatus) && upstreamStatus >= 200 && upstreamStatus < 600).toBe(true);
}

async function expectPart(part: AnswerPart): Promise<readonly string[]> {
  if (part.kind === 'text') expectText(part.text, 200_000);
  else expectText(part.declaredMimeType, 200);
  const files = [...(part.kind === 'picture' ? [part.file] : []), ...(part.signature ? [part.signature] : [])];
  for (const { path, bytes } of files) expect((await stat(path)).size).toBe(bytes);
  return files.map(({ path }) => path);
}
