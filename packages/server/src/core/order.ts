import type { AskedFormat } from '@darkroom/protocol';
import type { Conversation } from './conversation.ts';
import type { TierPlan } from './tier-plan.ts';

/** What a worker is to make: a payload after its checks, with its defaults and its whole conversation. */
export interface Order {
  readonly format: AskedFormat;
  /** Of the encoder, from 1 to 100; missing: as the format is usually encoded, and the model's own bytes where they have it. */
  readonly quality?: number;
  /** How many pictures; each is one upstream call. */
  readonly images: number;
  /** The last turn is the user's. */
  readonly conversation: Conversation;
  /** The URI of a picture. Where it is opaque, the first picture of the conversation is put back into what the model makes. */
  readonly mask?: string;
  /** Of a request that asked for the cheapest tier. */
  readonly tiers?: TierPlan;
  /** What only the model's spec and its provider read, e.g. a size. JSON values. */
  readonly parameters: OrderParameters;
}

export type OrderParameters = Readonly<Record<string, unknown>>;
