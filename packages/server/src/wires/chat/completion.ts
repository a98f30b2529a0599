import type { Grounding } from '../../core/grounding.ts';
import type { ImageRequest, SuccessOutcome } from '../../core/image-request.ts';
import { toDollars } from '../../core/pricing.ts';
import type { StoredPicture } from '../../core/stored-picture.ts';
import { StoredBase64 } from '../../http/json-answer.ts';
import type { MediaStore } from '../../media/media-store.ts';
import type { StreamEvent } from '../long-calls.ts';
import { type PictureForm, pictureForms } from './chat-schema.ts';

/** Where the pictures of an answer can be read. */
export interface PicturePlaces {
  readonly media: Pick<MediaStore, 'toAddress'>;
  readonly publicUrl: () => string;
}

const idPrefix = 'chatcmpl-';

/** The id of the request that a completion's id means; other texts stay as they are, and no request has them. */
export function toRequestId(completionId: string): string {
  return completionId.startsWith(idPrefix) ? completionId.slice(idPrefix.length) : completionId;
}

/** The answer of a request that has made its pictures. */
export function toCompletion(request: ImageRequest, outcome: SuccessOutcome, places: PicturePlaces) {
  return {
    ...toHead(request, 'chat.completion'),
    choices: toMessages(request, outcome, places).map((message, index) => ({
      index,
      message: { role: 'assistant', refusal: null, ...message },
      logprobs: null,
      finish_reason: 'stop',
    })),
    usage: toUsage(request, outcome),
  };
}

/** What a client that waits for a stream is sent first: whose turn it is. */
export function toFirstChunk(request: ImageRequest): StreamEvent {
  return toChunk(request, { index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null });
}

/** What it is sent when the pictures are there. */
export function toLastChunks(
  request: ImageRequest,
  outcome: SuccessOutcome,
  { includesUsage, ...places }: PicturePlaces & { readonly includesUsage: boolean },
): readonly StreamEvent[] {
  const messages = toMessages(request, outcome, places);
  const usage = { ...toHead(request, 'chat.completion.chunk'), choices: [], usage: toUsage(request, outcome) };
  return [
    ...messages.map((message, index) =>
      toChunk(request, { index, delta: { ...(index > 0 && { role: 'assistant' }), ...message }, finish_reason: null }),
    ),
    ...messages.map((_message, index) => toChunk(request, { index, delta: {}, finish_reason: 'stop' })),
    ...(includesUsage ? [{ data: usage }] : []),
    { data: '[DONE]' },
  ];
}

function toChunk(request: ImageRequest, choice: object): StreamEvent {
  return { data: { ...toHead(request, 'chat.completion.chunk'), choices: [{ logprobs: null, ...choice }] } };
}

/** What a completion and each of its chunks begin with; of a request that has not ended, it is all there is. */
export function toHead({ id, model, createdAt }: ImageRequest, object: string) {
  return { id: `${idPrefix}${id}`, object, created: Math.floor(createdAt / 1_000), model };
}

/** The messages: one with everything, or one for each picture where several were asked for. */
function toMessages(
  { payload }: ImageRequest,
  { pictures, text = '', grounding }: SuccessOutcome,
  places: PicturePlaces,
) {
  const { asked, form } = readPayload(payload);
  const shares = asked === 1 ? [pictures] : pictures.map((picture) => [picture]);
  return shares.map((share, index) => ({
    ...toMessage(share, { ...places, form, text: index === 0 ? text : '' }),
    ...(index === 0 && grounding && { annotations: toAnnotations(grounding, text) }),
  }));
}

/** The sources, each of all that the model said. */
function toAnnotations({ sources }: Grounding, text: string): readonly object[] {
  return sources.map(({ url, title = url }) => ({
    type: 'url_citation',
    url_citation: { url, title, start_index: 0, end_index: text.length },
  }));
}

function toMessage(
  pictures: readonly StoredPicture[],
  { form, text, ...places }: PicturePlaces & { readonly form: PictureForm; readonly text: string },
) {
  const urls = pictures.map((picture) => toUrl(picture, form, places));
  const shown = form === 'markdown' ? urls.map((url) => `![](${url})`) : [];
  return {
    content: [text, ...shown].filter((part) => part !== '').join('\n\n'),
    images: urls.map((url, index) => ({ type: 'image_url', image_url: { url }, index })),
  };
}

function toUrl({ name, format }: StoredPicture, form: PictureForm, { media, publicUrl }: PicturePlaces) {
  if (form === 'b64_json') return new StoredBase64(name, `data:image/${format};base64,`);
  return media.toAddress(name, publicUrl()).url;
}

/** What the payload says about the answer; the payload of another wire may say nothing. */
function readPayload(payload: string): { readonly asked: number; readonly form: PictureForm } {
  const { number_of_images = 1, chat } = JSON.parse(payload) as Readonly<Record<string, unknown>>; // a payload is an object
  const { response_format: form } = Object(chat) as Readonly<Record<string, unknown>>; // an object, whatever it was
  return { asked: Number(number_of_images), form: pictureForms.find((one) => one === form) ?? 'b64_json' };
}

/** Tokens, and what they cost in dollars. */
function toUsage({ costMicros }: ImageRequest, { usage }: SuccessOutcome) {
  const { promptTokens = 0, imageTokens = 0, textTokens = 0, thoughtTokens = 0, totalTokens = 0 } = usage ?? {};
  return {
    prompt_tokens: promptTokens,
    completion_tokens: imageTokens + textTokens + thoughtTokens,
    total_tokens: totalTokens,
    completion_tokens_details: {
      image_tokens: imageTokens,
      text_tokens: textTokens,
      reasoning_tokens: thoughtTokens,
    },
    cost: toDollars(costMicros),
  };
}
