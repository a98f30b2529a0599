import type { ImageOutputFormat } from '@darkroom/protocol';
import type { Conversation } from './conversation.ts';

/** What a worker is to make: a payload after its checks, with its defaults and its whole conversation. */
export interface Order {
  readonly format: ImageOutputFormat;
  /** How many pictures; each is one upstream call. */
  readonly images: number;
  /** The last turn is the user's. */
  readonly conversation: Conversation;
  /** What only the model's spec and its provider read, e.g. a size. JSON values. */
  readonly parameters: OrderParameters;
}

export type OrderParameters = Readonly<Record<string, unknown>>;
