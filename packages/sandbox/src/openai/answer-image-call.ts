import { randomBytes } from 'node:crypto';
import { type Take, toTake } from '@darkroom/illustrator/take';
import type { Answer } from '../answer.ts';
import { toBase64Slabs } from '../base64-slabs.ts';
import { combineDirectives, type Directives, parseDirectives, stripDirectives } from '../directives.ts';
import { checkCombination, cutAnswer, type GenerateContentTools, queue, silence } from '../generate-content.ts';
import { LongString, toJsonSlabs } from '../json-slabs.ts';
import { drawPicture, type Illustrate, type Picture, type PictureMimeType } from '../picture.ts';
import type { ImageOrder } from './read-image-call.ts';
import { refuseBySafety, stageOpenaiRefusal } from './refusals.ts';

/** Follows the directives in the prompt, draws and answers. Rejects with a `Refusal`, or with the signal's reason. */
export async function answerImageCall(
  order: ImageOrder,
  signal: AbortSignal,
  tools: GenerateContentTools,
): Promise<Answer> {
  const directives = combineDirectives(parseDirectives(order.prompt), tools.prompts.count(order.prompt));
  checkCombination({ ...directives, mime: directives.mime ?? toMimeType(order) });
  if (directives.delayMs !== undefined) await tools.sleep(directives.delayMs, signal);
  signal.throwIfAborted();
  if (directives.hang) return silence;
  throwStaged(directives, order);
  const pictures = await draw(order, directives, { ...tools, illustrate: queue(signal, tools) });
  signal.throwIfAborted();
  return cutAnswer(toAnswer(order, directives, pictures), directives);
}

/** The words of Gemini's blocks mean OpenAI's moderation here: of the prompt, or of the picture. */
function throwStaged({ status, block, finish = 'STOP', ...stage }: Directives, { model }: ImageOrder): void {
  if (status !== undefined) throw stageOpenaiRefusal(status, { ...stage, model: model.id });
  if (block !== undefined) throw refuseBySafety('input');
  if (finish !== 'STOP' && finish !== 'NO_IMAGE') throw refuseBySafety('output');
}

async function draw(
  order: ImageOrder,
  { images, noImage, finish, mime, bytes, size }: Directives,
  { illustrate, drawn }: { readonly illustrate: Illustrate } & Pick<GenerateContentTools, 'drawn'>,
): Promise<readonly Picture[]> {
  if (noImage || finish === 'NO_IMAGE') return [];
  const prompt = stripDirectives(order.prompt);
  const asked = JSON.stringify([prompt, order.pictures.length, order.pixels, order.model.id]);
  const finishing = { mimeType: mime ?? toMimeType(order), ...(bytes !== undefined && { bytes }) };
  const pictures: Picture[] = [];
  for (let index = 0; index < (images ?? order.count); index += 1) {
    const take: Take = toTake(drawn.count(asked), undefined);
    const motif = { prompt, edits: [], references: order.pictures };
    pictures.push(await drawPicture(illustrate, { ...motif, take, pixels: size ?? order.pixels }, finishing));
  }
  return pictures;
}

function toMimeType({ format }: ImageOrder): PictureMimeType {
  return `image/${format}`;
}

function toAnswer(order: ImageOrder, { declare }: Directives, pictures: readonly Picture[]): Answer {
  const body = {
    created: Math.floor(Date.now() / 1000),
    background: order.background === 'transparent' ? 'transparent' : 'opaque',
    data: pictures.map(({ chunks }) => ({ b64_json: new LongString(() => toBase64Slabs(chunks())) })),
    output_format: declare?.replace(/^image\//, '') ?? order.format,
    quality: order.quality,
    size: `${order.pixels.width}x${order.pixels.height}`,
    usage: toUsage(order, pictures.length),
  };
  const headers = { 'content-type': 'application/json', 'x-request-id': `req_${randomBytes(16).toString('hex')}` };
  return { status: 200, headers, slabs: () => toJsonSlabs(body) };
}

/** A rule of thumb for English; the real count needs the model's tokenizer. */
const charactersPerToken = 4;

function toUsage({ model, prompt, quality, pixels, pictures }: ImageOrder, made: number) {
  const text = Math.ceil(prompt.length / charactersPerToken);
  const images = pictures.length * model.referenceTokens;
  const output = made * model.countTokens(quality, pixels);
  return {
    input_tokens: text + images,
    input_tokens_details: { text_tokens: text, image_tokens: images },
    output_tokens: output,
    output_tokens_details: { text_tokens: 0, image_tokens: output },
    total_tokens: text + images + output,
  };
}
