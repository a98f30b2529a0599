import { type ImageOutputFormat, maxTurns, type Payload } from '@darkroom/protocol';
import { type Conversation, toConversation, toNewestTurns } from './conversation.ts';

/** What a worker is to make: a payload after its checks, with its defaults and its whole conversation. */
export interface Order {
  readonly imageSize: string;
  readonly aspectRatio: string;
  readonly format: ImageOutputFormat;
  /** How many pictures; each is one upstream call. */
  readonly images: number;
  /** The last turn is the user's. */
  readonly conversation: Conversation;
}

/** `history`: the conversation that the payload continues by `previous_request_id`, else empty. */
export function toOrder(payload: Payload, history: Conversation): Order {
  return {
    imageSize: payload.image_size,
    aspectRatio: payload.aspect_ratio,
    format: payload.image_output_format,
    images: payload.number_of_images,
    conversation: toNewestTurns([...history, ...toConversation(payload)], maxTurns),
  };
}
