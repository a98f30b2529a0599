import { readdir } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ModelUnderTest } from '../../../test/fakes/model-under-test.ts';
import { picturePart, signature, toAnswerBody, toBlockedBody } from '../../../test/fakes/recorded-answers.ts';
import type { Failure, FailureCode } from '../../core/failures.ts';

const limits = { maxPictureBytes: 1_000, maxAnswerBytes: 4_000, maxJsonBytes: 1_500 };

let test: ModelUnderTest;
beforeEach(async () => {
  test = await ModelUnderTest.create({ limits });
});
afterEach(() => test.close());

/** Every finish reason of the SDK's version 3.3 except STOP and the unspecified one, and some that do not exist yet. */
const finishReasons = {
  image_blocked: [
    'SAFETY',
    'IMAGE_SAFETY',
    'PROHIBITED_CONTENT',
    'IMAGE_PROHIBITED_CONTENT',
    'SPII',
    'BLOCKLIST',
    'MODEL_ARMOR',
    'safety',
    'content_filter',
    'IMAGE_POLICY_VIOLATION',
  ],
  prompt_blocked: ['ESCALATION', 'LANGUAGE'],
  recitation_blocked: ['RECITATION', 'IMAGE_RECITATION', 'COPYRIGHT'],
  token_limit: ['MAX_TOKENS', 'CONTINUATION', 'length'],
  upstream_answer_invalid: [
    'MALFORMED_RESPONSE',
    'MALFORMED_FUNCTION_CALL',
    'UNEXPECTED_TOOL_CALL',
    'TOO_MANY_TOOL_CALLS',
    'MALFORMED_PICTURE',
  ],
  upstream_signature_missing: ['MISSING_THOUGHT_SIGNATURE'],
  upstream_location_unsupported: ['PUP_LIMITED_DISABLED'],
  no_image: ['NO_IMAGE', 'IMAGE_OTHER', 'OTHER', 'A_NEW_REASON', 'constructor'],
} as const satisfies Partial<Record<FailureCode, readonly string[]>>;

type RefusalRow = [name: string, body: object, code: FailureCode, facts?: Partial<Failure>];

const refusalRows: readonly RefusalRow[] = [
  ...['SAFETY', 'OTHER', 'BLOCKLIST', 'PROHIBITED_CONTENT', 'IMAGE_SAFETY', 'A_NEW_REASON'].map(
    (blockReason): RefusalRow => [
      `prompt ${blockReason}`,
      toBlockedBody(blockReason),
      'prompt_blocked',
      { blockReason },
    ],
  ),
  ...Object.entries(finishReasons).flatMap(([code, reasons]) =>
    reasons.map(
      (finishReason): RefusalRow => [
        finishReason,
        toAnswerBody([{ text: 'Why.' }], finishReason),
        code as FailureCode, // a key of the table
        { finishReason, modelText: 'Why.' },
      ],
    ),
  ),
  ['a draft of a blocked picture', toAnswerBody([{ ...picturePart, thought: true }], 'IMAGE_SAFETY'), 'image_blocked'],
  ['STOP with words', toAnswerBody([{ text: 'Which ' }, { text: 'cat?' }]), 'text_only', { modelText: 'Which cat?' }],
  ['STOP with words only in thoughts', toAnswerBody([{ text: 'Hm.', thought: true }]), 'no_image'],
  [
    'STOP with signed words',
    toAnswerBody([{ text: 'No.', thoughtSignature: signature }]),
    'text_only',
    { modelText: 'No.' },
  ],
  ['STOP with nothing', toAnswerBody([]), 'no_image'],
  [
    'refusal with words',
    toAnswerBody([{ text: 'I cannot.' }], 'IMAGE_SAFETY'),
    'image_blocked',
    { modelText: 'I cannot.' },
  ],
  [
    'refusal with a reason',
    { candidates: [{ finishReason: 'IMAGE_SAFETY', finishMessage: 'Unsafe.' }] },
    'image_blocked',
    { upstreamMessage: 'Unsafe.' },
  ],
  ['block without a reason', toBlockedBody('BLOCK_REASON_UNSPECIFIED'), 'no_image'],
  ['block without a reason, as the SDK spells it', toBlockedBody('BLOCKED_REASON_UNSPECIFIED'), 'no_image'],
  ['unspecified end with words', toAnswerBody([{ text: 'No.' }], 'FINISH_REASON_UNSPECIFIED'), 'text_only'],
  ['no candidates', { usageMetadata: {} }, 'no_image'],
  ['nothing', {}, 'no_image'],
];

describe('a 200 without a picture', () => {
  it.each<RefusalRow>(refusalRows)(
    '%s is told apart, may have cost money and leaves no file',
    async (_name, body, code, facts = {}) => {
      test.upstream.answerJson(200, body);
      const answer = await test.generate();
      expect(answer).toMatchObject({
        kind: 'failed',
        isPossiblyBilled: true,
        failure: { code, upstreamStatus: 200, ...facts },
      });
      expect(await readdir(test.spoolFolder)).toEqual([]);
    },
  );

  it('keeps what it cost', async () => {
    test.upstream.answerJson(200, toAnswerBody(undefined, 'NO_IMAGE'));
    expect(await test.generate()).toMatchObject({ usage: { promptTokens: 32 }, responseId: 'DOd6afWPNZfjjrEPpZ3c0AM' });
  });
});

describe('a 200 that is not an answer', () => {
  const withData = (data: string): string => JSON.stringify(toAnswerBody([{ inlineData: { data } }]));
  const whole = JSON.stringify(toAnswerBody([picturePart]));

  it.each<readonly [string, string, FailureCode]>([
    ['a page of HTML', '<html>Welcome</html>', 'upstream_answer_invalid'],
    ['JSON of another shape', '[1]', 'upstream_answer_invalid'],
    ['a picture that is not base64', withData('***'), 'upstream_answer_invalid'],
    ['a picture that is too large', withData('A'.repeat(1_400)), 'upstream_answer_invalid'],
    ['too much text', JSON.stringify(toAnswerBody([{ text: 'x'.repeat(2_000) }])), 'upstream_answer_invalid'],
    ['too large a body', `${whole}${' '.repeat(4_000)}`, 'upstream_answer_invalid'],
    ['an answer that ends too early', whole.slice(0, -20), 'upstream_connection_lost'],
    ['an empty body', '', 'upstream_connection_lost'],
  ])('%s is told apart, may have cost money and leaves no file', async (_name, body, code) => {
    test.upstream.answerBody(200, body);
    expect(await test.generate()).toMatchObject({ kind: 'failed', isPossiblyBilled: true, failure: { code } });
    expect(await readdir(test.spoolFolder)).toEqual([]);
  });

  it('is a fault of the disk, and not of the upstream, when it cannot be written', async () => {
    test.upstream.answerBody(200, whole);
    const answer = await test.generate({ spoolFolder: `${test.spoolFolder}/missing` });
    expect(answer).toMatchObject({ kind: 'failed', isPossiblyBilled: true, failure: { code: 'media_unwritable' } });
  });
});
