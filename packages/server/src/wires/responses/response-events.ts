import type { ImageRequest } from '../../core/image-request.ts';
import type { Problem } from '../../core/problem.ts';
import type { ToErrorReply } from '../../http/error-reply.ts';
import type { StreamEvent } from '../long-calls.ts';
import {
  type MessageItem,
  type OutputItem,
  type PicturePlaces,
  toResponse,
  toStartedPicture,
  toTextPart,
} from './response.ts';

interface Event {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** What a client that waits for a stream is sent first, in the order of OpenAI. */
export function toStartEvents(request: ImageRequest, places: PicturePlaces): readonly StreamEvent[] {
  const response = { ...toResponse(request, places), status: 'in_progress', output: [] };
  const item = toStartedPicture(request);
  return number([
    { type: 'response.created', response },
    { type: 'response.in_progress', response },
    { type: 'response.output_item.added', output_index: 0, item },
    { type: 'response.image_generation_call.in_progress', output_index: 0, item_id: item.id },
    { type: 'response.image_generation_call.generating', output_index: 0, item_id: item.id },
  ]);
}

const startEvents = 5;

/** What it is sent when the request has ended. */
export function toEndEvents(request: ImageRequest, places: PicturePlaces): readonly StreamEvent[] {
  const response = toResponse(request, places);
  const items = response.output.flatMap((item, index) => toItemEvents(request, item, index));
  const type = response.status === 'completed' ? 'response.completed' : 'response.failed';
  return number([...items, { type, response }], startEvents);
}

/** What it is sent when something else fails. */
export function toErrorEvents(problem: Problem, toErrorReply: ToErrorReply): readonly StreamEvent[] {
  const { error } = toErrorReply(problem).body as { readonly error: object }; // the form of every refusal of OpenAI's dialects
  return number([{ ...error, type: 'error', error }], startEvents);
}

function number(events: readonly Event[], first = 0): readonly StreamEvent[] {
  return events.map((event, index) => ({ event: event.type, data: { ...event, sequence_number: first + index } }));
}

function toItemEvents(request: ImageRequest, item: OutputItem, index: number): readonly Event[] {
  const done = { type: 'response.output_item.done', output_index: index, item };
  if (isMessage(item)) return [...toMessageEvents(item, index), done];
  const completed = { type: 'response.image_generation_call.completed', output_index: index, item_id: item.id };
  return [
    // The first was added when the stream began.
    ...(index === 0 ? [] : [toAdded(toStartedPicture(request, index), index)]),
    ...(item.status === 'completed' ? [completed] : []),
    done,
  ];
}

function isMessage(item: OutputItem): item is MessageItem {
  return item.type === 'message';
}

function toAdded(item: object, index: number): Event {
  return { type: 'response.output_item.added', output_index: index, item };
}

function toMessageEvents(item: MessageItem, output_index: number): readonly Event[] {
  const [part] = item.content;
  const place = { output_index, item_id: item.id, content_index: 0 };
  const { text, annotations } = part;
  return [
    toAdded({ ...item, status: 'in_progress', content: [] }, output_index),
    { type: 'response.content_part.added', ...place, part: toTextPart('') },
    { type: 'response.output_text.delta', ...place, delta: text, logprobs: [] },
    ...annotations.map((annotation, annotation_index) => ({
      type: 'response.output_text.annotation.added',
      ...place,
      annotation_index,
      annotation,
    })),
    { type: 'response.output_text.done', ...place, text, logprobs: [] },
    { type: 'response.content_part.done', ...place, part },
  ];
}
