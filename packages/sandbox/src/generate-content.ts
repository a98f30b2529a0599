import { randomBytes } from 'node:crypto';
import { firstTake, type Take, toTake } from '@darkroom/illustrator/take';
import type { LimitFunction } from 'p-limit';
import { type Answer, createAnswer, toAnswer } from './answer.ts';
import { combineDirectives, type Directives, parseDirectives } from './directives.ts';
import { refuseSignatures } from './model-parts.ts';
import { type SandboxModel, toSandboxPixels } from './models.ts';
import { drawPicture, type Illustrate, type Picture } from './picture.ts';
import type { PromptCounts } from './prompt-counts.ts';
import { type Delivery, receiveOrder } from './receive-order.ts';
import { Refusal } from './refusals.ts';
import type { Sleep } from './sleep.ts';
import { stageRefusal } from './staged-refusals.ts';
import type { Order, SignaturePolicy } from './validation.ts';

/** What all calls share. */
export interface GenerateContentTools {
  readonly sleep: Sleep;
  readonly illustrate: Illustrate;
  /** Limits how many pictures are drawn at a time: drawing a large one takes hundreds of megabytes. */
  readonly easels: LimitFunction;
  readonly prompts: PromptCounts;
  /** How often the same picture was requested. */
  readonly drawn: PromptCounts;
  readonly signatures: SignaturePolicy;
}

export interface GenerateContentCall extends Omit<Delivery, 'signatures'> {
  /** Aborts when the caller leaves or the server stops. */
  readonly signal: AbortSignal;
}

const responseIdBits = 136;

/**
 * Handles one call: reads and checks the body, follows the directives in the prompt, draws and answers. Rejects with a
 * `Refusal`, or with the signal's reason once it has aborted.
 */
export function generateContent(call: GenerateContentCall, tools: GenerateContentTools): Promise<Answer> {
  return receiveOrder({ ...call, signatures: tools.signatures }, (order) => fillOrder(order, call, tools));
}

async function fillOrder(
  order: Order,
  { model, signal }: GenerateContentCall,
  tools: GenerateContentTools,
): Promise<Answer> {
  const blocks = parseDirectives(order.lastText);
  const directives = combineDirectives(blocks, tools.prompts.count(order.lastText));
  checkCombination(directives);
  if (directives.delayMs !== undefined) await tools.sleep(directives.delayMs, signal);
  signal.throwIfAborted();
  if (directives.hang) return silence;
  if (directives.signatures === 'refuse') refuseSignatures(order.modelParts);
  const isRefused = directives.flex === 'refuse' && order.serviceTier === 'flex';
  const status = isRefused ? 503 : directives.status;
  const answer =
    status === undefined
      ? await draw({ model, order, directives, illustrate: queue(signal, tools), drawn: tools.drawn })
      : toAnswer(stageRefusal(status, { ...directives, model: model.id }));
  signal.throwIfAborted();
  return cutAnswer(answer, directives);
}

/** The answer, with its end as the directives say. */
export function cutAnswer(answer: Answer, directives: Directives): Answer {
  const cut = cuts.find((one) => directives[one]);
  return cut ? { ...answer, cut } : answer;
}

/** Never anything. */
export const silence: Answer = { status: 200, headers: {}, slabs: () => [], cut: 'hang' };
const cuts = ['reset', 'truncate', 'stall'] as const;

export function checkCombination({ bytes, mime }: Directives): void {
  if (bytes !== undefined && mime !== undefined && mime !== 'image/jpeg')
    throw Refusal.invalidArgument('The sandbox can make only JPEGs larger: leave bytes or mime out.');
}

/** The illustrator behind a queue. Callers who leave do not hold the queue up. */
export function queue(signal: AbortSignal, { easels, illustrate }: GenerateContentTools): Illustrate {
  return (order) =>
    easels(() => {
      signal.throwIfAborted();
      return illustrate(order);
    });
}

interface Commission {
  readonly model: SandboxModel;
  readonly order: Order;
  readonly directives: Directives;
  readonly illustrate: Illustrate;
  readonly drawn: PromptCounts;
}

async function draw(commission: Commission): Promise<Answer> {
  const takes = toTakes(commission);
  const drafts = await drawDrafts(commission, takes);
  const pictures = await drawPictures(commission, takes);
  return createAnswer({
    ...commission,
    responseId: randomBytes(responseIdBits / 8).toString('base64url'),
    drafts,
    pictures,
  });
}

/** One take for each picture to draw, all different; none if the answer has no pictures. */
function toTakes({ directives, drawn, order }: Commission): readonly Take[] {
  if (!endsInPictures(order, directives)) return [];
  const { prompt, edits, references, edited } = order.motif;
  const asked = JSON.stringify([prompt, edits, references.length, edited, order.size, order.ratio]);
  const isEdit = edits.length > 0;
  return Array.from({ length: directives.images ?? 1 }, () =>
    toTake(drawn.count(asked), isEdit ? (edited ?? firstTake) : undefined),
  );
}

async function drawPictures(
  { directives, illustrate, order }: Commission,
  takes: readonly Take[],
): Promise<readonly Picture[]> {
  const { bytes, mime = order.mimeType ?? 'image/jpeg', size = toSandboxPixels(order.size, order.ratio) } = directives;
  const { prompt, edits, references } = order.motif;
  const pictures: Picture[] = [];
  for (const take of takes) {
    const finish = { mimeType: mime, ...(bytes !== undefined && { bytes }) };
    pictures.push(await drawPicture(illustrate, { prompt, edits, references, take, pixels: size }, finish));
  }
  return pictures;
}

/** The upstream's drafts are always small, whatever size was requested. */
async function drawDrafts(
  { directives, illustrate, order }: Commission,
  [take]: readonly Take[],
): Promise<readonly Picture[]> {
  const isShown = directives.thoughts ?? order.wantsThoughts;
  if (!isShown || !take) return [];
  const { prompt, edits, references } = order.motif;
  const pixels = toSandboxPixels('1K', order.ratio);
  const finish = { mimeType: directives.mime ?? ('image/jpeg' as const) };
  return [await drawPicture(illustrate, { prompt, edits, references, take, pixels }, finish)];
}

function endsInPictures({ wantsImage }: Order, { block, finish = 'STOP', noImage }: Directives): boolean {
  return wantsImage && block === undefined && finish === 'STOP' && !noImage;
}
