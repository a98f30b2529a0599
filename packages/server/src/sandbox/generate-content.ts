import type { Clock } from '../platform/clock.ts';
import { createSecret } from '../platform/ids.ts';
import type { Semaphore } from '../platform/semaphore.ts';
import { type Answer, createAnswer, toAnswer } from './answer.ts';
import { combineDirectives, type Directives, parseDirectives } from './directives.ts';
import { type SandboxModel, toSandboxPixels } from './models.ts';
import { drawPicture, type Illustrate, type Picture } from './picture.ts';
import type { PromptCounts } from './prompt-counts.ts';
import { type Delivery, receiveOrder } from './receive-order.ts';
import { Refusal } from './refusals.ts';
import { stageRefusal } from './staged-refusals.ts';
import type { Order } from './validation.ts';

/** What every call shares. */
export interface GenerateContentTools {
  readonly clock: Clock;
  readonly illustrate: Illustrate;
  /** Bounds how many pictures are drawn at a time: a large one takes hundreds of megabytes while it is drawn. */
  readonly easels: Semaphore;
  readonly prompts: PromptCounts;
}

export interface GenerateContentCall extends Delivery {
  /** The caller left, or the server stops. */
  readonly signal: AbortSignal;
}

const responseIdBits = 136;

/**
 * One call: reads and checks the body, does what the prompt's directives say, draws, answers. Rejects with a `Refusal`,
 * or with the signal's reason once it has aborted.
 */
export async function generateContent(call: GenerateContentCall, tools: GenerateContentTools): Promise<Answer> {
  const order = await receiveOrder(call);
  const { blocks, prompt } = parseDirectives(order.prompt);
  const directives = combineDirectives(blocks, tools.prompts.count(order.prompt));
  checkCombination(directives);
  await hold(directives, tools.clock, call.signal);
  const answer =
    directives.status === undefined
      ? await draw({
          model: call.model,
          order: { ...order, prompt },
          directives,
          illustrate: queue(call.signal, tools),
        })
      : toAnswer(stageRefusal(directives.status, { ...directives, model: call.model.id }));
  call.signal.throwIfAborted();
  const cut = directives.reset ? 'reset' : directives.truncate && 'truncate';
  return cut ? { ...answer, cut } : answer;
}

function checkCombination({ bytes, mime }: Directives): void {
  if (bytes !== undefined && mime !== undefined && mime !== 'image/jpeg')
    throw Refusal.invalidArgument('The sandbox can make only JPEGs larger: leave bytes or mime out.');
}

async function hold({ delayMs, hang }: Directives, clock: Clock, signal: AbortSignal): Promise<void> {
  if (delayMs !== undefined) await clock.sleep(delayMs, signal);
  signal.throwIfAborted();
  if (hang) await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
}

/** The illustrator, with a line before it that callers who leave do not hold up. */
function queue(signal: AbortSignal, { easels, illustrate }: GenerateContentTools): Illustrate {
  return (order) =>
    easels.run(() => {
      signal.throwIfAborted();
      return illustrate(order);
    });
}

interface Commission {
  readonly model: SandboxModel;
  readonly order: Order;
  readonly directives: Directives;
  readonly illustrate: Illustrate;
}

async function draw(commission: Commission): Promise<Answer> {
  const drafts = await drawDrafts(commission);
  const pictures = await drawPictures(commission);
  return createAnswer({ ...commission, responseId: createSecret(responseIdBits), drafts, pictures });
}

async function drawPictures({ directives, illustrate, order }: Commission): Promise<readonly Picture[]> {
  if (!endsInPictures(order, directives)) return [];
  const { bytes, images = 1, mime = 'image/jpeg', size = toSandboxPixels(order.size, order.ratio) } = directives;
  const pictures: Picture[] = [];
  for (let index = 1; index <= images; index += 1) {
    // A picture is a function of its prompt: another number makes it another picture.
    const prompt = index === 1 ? order.prompt : `${order.prompt} (${index})`;
    pictures.push(
      await drawPicture(illustrate, { prompt, pixels: size, mimeType: mime, ...(bytes !== undefined && { bytes }) }),
    );
  }
  return pictures;
}

/** The upstream's drafts are small whatever was asked. */
async function drawDrafts({ directives, illustrate, order }: Commission): Promise<readonly Picture[]> {
  const isShown = directives.thoughts ?? order.wantsThoughts;
  if (!isShown || !endsInPictures(order, directives)) return [];
  const pixels = toSandboxPixels('1K', order.ratio);
  return [await drawPicture(illustrate, { prompt: order.prompt, pixels, mimeType: directives.mime ?? 'image/jpeg' })];
}

function endsInPictures({ wantsImage }: Order, { block, finish = 'STOP', noImage }: Directives): boolean {
  return wantsImage && block === undefined && finish === 'STOP' && !noImage;
}
