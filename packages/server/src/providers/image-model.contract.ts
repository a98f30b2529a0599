import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FailureCode } from '../core/failures.ts';
import type { OrderParameters } from '../core/order.ts';
import type { AnswerFacts, AnswerPart, ImageAnswer, ImageCall, ImageModel, Turn, TurnPart } from './image-model.ts';

/**
 * How a call can be made to end. `picture`: one picture, signed where the provider signs. `drafts`: a picture after a draft that
 * is not part of the answer. `silence`: never an answer. `half-answer`: a picture that begins and never continues. `cut-answer`:
 * one that begins and whose connection then breaks. The others end as their names say.
 */
export type Scenario =
  | 'picture'
  | 'drafts'
  | 'text-only'
  | 'prompt-blocked'
  | 'image-blocked'
  | 'no-image'
  | 'overloaded'
  | 'rate-limited'
  | 'daily-quota'
  | 'internal-error'
  | 'silence'
  | 'half-answer'
  | 'cut-answer';

/** A model, and the upstream behind it under the suite's control. */
export interface ImageModelHarness {
  readonly model: ImageModel;
  /** An id that the upstream knows. */
  readonly upstreamModel: string;
  /** Whether the provider signs what its model made. */
  readonly isSigned: boolean;
  /** What its answers say beside the pictures. */
  readonly facts: readonly (keyof AnswerFacts)[];
  /** What a usual order asks of this provider. */
  readonly parameters: OrderParameters;
  /** Makes the next call end as the scenario says; returns the prompt to send for it. */
  arrange(scenario: Scenario): Promise<string>;
  /** How many calls for pictures have reached the upstream. */
  calls(): number;
  /** Resolves when that many calls have reached the upstream, each with all that comes before the scenario's stall. */
  untilCalls(count: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * The promises of `ImageModel`, one test each: the suite that every model passes against a real upstream. `absent`: scenarios that
 * the provider's protocol does not have.
 */
export function describeImageModelContract(
  name: string,
  create: () => Promise<ImageModelHarness>,
  { absent = [] }: { readonly absent?: readonly Scenario[] } = {},
): void {
  const isPresent = (scenario: Scenario) => !absent.includes(scenario);
  describe(`${name} keeps the promises of an image model:`, () => {
    let harness: ImageModelHarness;
    let spoolFolder: string;
    beforeEach(async () => {
      spoolFolder = await mkdtemp(join(tmpdir(), 'image-model-'));
      harness = await create();
    });
    afterEach(async () => {
      await harness.close();
      await rm(spoolFolder, { recursive: true });
    });

    const generate = async (
      scenario: Scenario,
      changes: Partial<ImageCall> = {},
      signal = never,
    ): Promise<ImageAnswer> => {
      const prompt = await harness.arrange(scenario);
      return harness.model.generate({ ...toCall(harness, spoolFolder, prompt), ...changes }, signal);
    };

    describe('a picture', () => {
      it('comes as a file of the spool folder, with its type, its signature, its cost and its maker', async () => {
        const answer = expectPictures(await generate('picture'));
        const [picture] = answer.parts.filter((part) => part.kind === 'picture');
        expect(picture?.declaredMimeType).toMatch(/^image\//);
        await expectFile(picture?.file.path, picture?.file.bytes, spoolFolder);
        if (harness.isSigned) await expectFile(picture?.signature?.path, picture?.signature?.bytes, spoolFolder);
        else expect(picture?.signature).toBeUndefined();
        expect(answer.usage?.imageTokens).toBeGreaterThan(0);
        expect(answer.usage?.promptTokens).toBeGreaterThan(0);
        for (const fact of harness.facts) expect(answer[fact]).toBeTruthy();
      });

      it('is written into its file while it arrives', async () => {
        const leaving = new AbortController();
        const answer = generate('half-answer', {}, leaving.signal);
        await expect.poll(() => readdir(spoolFolder)).not.toEqual([]);
        leaving.abort(new Error('The test has seen enough.'));
        await answer;
      });

      it.runIf(isPresent('drafts'))('comes without the drafts that led to it, and they leave no file', async () => {
        const answer = expectPictures(await generate('drafts'));
        expect(answer.parts.filter((part) => part.kind === 'picture')).toHaveLength(1);
        expect(await readdir(spoolFolder)).toHaveLength(filesIn(answer.parts));
      });

      it('is told of when the head of its answer has come, once', async () => {
        let heads = 0;
        const onAnswer = () => {
          heads += 1;
        };
        for (const scenario of ['picture', 'internal-error'] as const) await generate(scenario, { onAnswer });
        expect(heads).toBe(2);
      });

      it('can be sent back as a turn of the conversation, with its signature', async () => {
        const first = expectPictures(await generate('picture'));
        const prompt = await harness.arrange('picture');
        const { turns, ...call } = toCall(harness, spoolFolder, prompt);
        const model: Turn = { role: 'model', parts: first.parts.map(toTurnPart) };
        const answer = await harness.model.generate({ ...call, turns: [...turns, model, ...turns] }, never);
        expectPictures(answer);
      });

      it('can be made of reference pictures', async () => {
        const prompt = await harness.arrange('picture');
        const path = join(spoolFolder, 'reference');
        await writeFile(path, onePixelPng);
        const { turns, ...call } = toCall(harness, spoolFolder, prompt);
        const reference: TurnPart = {
          kind: 'picture',
          file: { path, bytes: onePixelPng.length },
          mimeType: 'image/png',
        };
        const parts = [...(turns[0]?.parts ?? []), reference];
        expectPictures(await harness.model.generate({ ...call, turns: [{ role: 'user', parts }] }, never));
        expect(await readFile(path)).toEqual(onePixelPng);
      });
    });

    describe('a failure', () => {
      const failures: readonly [Scenario, FailureCode, boolean][] = [
        ['text-only', 'text_only', true],
        ['prompt-blocked', 'prompt_blocked', true],
        ['image-blocked', 'image_blocked', true],
        ['no-image', 'no_image', true],
        ['overloaded', 'upstream_overloaded', false],
        ['rate-limited', 'upstream_rate_limited', false],
        ['daily-quota', 'upstream_quota_exhausted', false],
        ['internal-error', 'upstream_error', false],
        ['cut-answer', 'upstream_connection_lost', true],
      ];
      it.each(failures.filter(([scenario]) => isPresent(scenario)))(
        '%s is %s, sent once, possibly billed: %s, and leaves no file',
        async (scenario, code, isPossiblyBilled) => {
          expect(await generate(scenario)).toMatchObject({ kind: 'failed', failure: { code }, isPossiblyBilled });
          expect(harness.calls()).toBe(1);
          expect(await readdir(spoolFolder)).toEqual([]);
        },
      );

      it('says when to try again if the upstream said so', async () => {
        const answer = await generate('rate-limited');
        expect(answer).toMatchObject({ failure: { retryAfterMs: expect.any(Number) } });
      });

      it.runIf(isPresent('text-only'))('keeps what the model said instead of drawing', async () => {
        expect(await generate('text-only')).toMatchObject({ failure: { modelText: expect.stringMatching(/\w/) } });
      });

      it.each<Scenario>(['silence', 'half-answer'])('ends %s at the deadline and leaves no file', async (scenario) => {
        const answer = await generate(scenario, { timeoutMs: 300 });
        expect(answer).toMatchObject({ kind: 'failed', failure: { code: 'upstream_timeout' }, isPossiblyBilled: true });
        expect(await readdir(spoolFolder)).toEqual([]);
      });
    });

    describe('an interruption', () => {
      it.each<Scenario>(['silence', 'half-answer'])('ends %s at once and leaves no file', async (scenario) => {
        const shutdown = new AbortController();
        const answer = generate(scenario, {}, shutdown.signal);
        await harness.untilCalls(1);
        shutdown.abort(new Error('The server stops.'));
        expect(await answer).toEqual({ kind: 'interrupted', isPossiblyBilled: true });
        expect(await readdir(spoolFolder)).toEqual([]);
      });

      it('before the call sends nothing', async () => {
        expect(await generate('picture', {}, AbortSignal.abort())).toEqual({
          kind: 'interrupted',
          isPossiblyBilled: false,
        });
        expect(harness.calls()).toBe(0);
      });
    });

    describe('a check', () => {
      it('finds a model that the upstream knows, and makes no call for a picture', async () => {
        expect(await harness.model.check(harness.upstreamModel, never)).toEqual({ kind: 'ready' });
        expect(harness.calls()).toBe(0);
      });

      it('fails for a model that the upstream does not know', async () => {
        const check = await harness.model.check('no-such-model', never);
        expect(check).toMatchObject({ kind: 'failed', failure: { code: 'upstream_model_unavailable' } });
      });
    });
  });
}

const never = new AbortController().signal;

const onePixelPng = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

function toCall({ upstreamModel, parameters }: ImageModelHarness, spoolFolder: string, prompt: string): ImageCall {
  const turns: readonly Turn[] = [{ role: 'user', parts: [{ kind: 'text', text: prompt }] }];
  const serviceTier = 'standard';
  return {
    upstreamModel,
    turns,
    parameters,
    format: 'png',
    imageIndex: 0,
    serviceTier,
    spoolFolder,
    timeoutMs: 30_000,
  };
}

function toTurnPart(part: AnswerPart): TurnPart {
  const signature = part.signature && { signature: { kind: 'file', file: part.signature } as const };
  return part.kind === 'text'
    ? { kind: 'text', text: part.text, ...signature }
    : { kind: 'picture', file: part.file, mimeType: part.declaredMimeType, ...signature };
}

function expectPictures(answer: ImageAnswer): Extract<ImageAnswer, { readonly kind: 'pictures' }> {
  if (answer.kind !== 'pictures') expect.fail(`There are no pictures: ${JSON.stringify(answer)}`);
  return answer;
}

async function expectFile(path: string | undefined, bytes: number | undefined, folder: string): Promise<void> {
  expect(path).toContain(folder);
  expect(bytes).toBeGreaterThan(0);
  expect((await stat(path ?? '')).size).toBe(bytes);
}

function filesIn(parts: readonly AnswerPart[]): number {
  return parts.reduce((count, part) => count + (part.kind === 'picture' ? 1 : 0) + (part.signature ? 1 : 0), 0);
}
