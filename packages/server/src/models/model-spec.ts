import type { OptionalParameter, Payload, PayloadSchema, Pixels, ServiceTier } from '@darkroom/protocol';
import type { Conversation } from '../core/conversation.ts';
import type { Order, OrderParameters } from '../core/order.ts';
import type { Fallback } from '../core/stand-ins.ts';
import type { Usage } from '../core/usage.ts';
import type { Prices } from './prices.ts';

/**
 * Models. Callers name a model; its spec knows everything that is specific to it: how its payload is checked, what an order and
 * an answer cost, and which pixels were requested. No other code branches on a model.
 */
export interface ModelSpec {
  /** The name that callers use; ids are case-sensitive. */
  readonly id: string;
  /** The name of the provider whose upstreams serve it. */
  readonly provider: string;
  /** The provider's id. Several public ids may share one. */
  readonly upstreamId: string;
  readonly displayName: string;
  readonly briefDescription: string;
  /** Markdown. */
  readonly detailedDescription: string;
  readonly tags: readonly string[];
  /** A sentence that clients parse; its form is fixed by the wire. */
  readonly pricingDetails: string;
  readonly prices: Prices;
  /** When its upstream ends the model, if a day is known. */
  readonly retirement?: Retirement;
  /** It can be called, and no list shows it. */
  readonly isHidden?: boolean;
  readonly limits: ModelLimits;
  /** The models that may be called instead, the first one first. Theirs are not followed. */
  readonly fallback?: readonly Fallback[];
  /** The pixels of a picture, by its size and its ratio, if the model promises them. */
  readonly shapes: Readonly<Record<string, Readonly<Record<string, Pixels>>>>;
  /** A mask is sent to the model too, as a guide. Whatever it does with it, the original is put back where the mask is opaque. */
  readonly takesMask?: boolean;
  /** Why tiers of the model cannot be had here, as the end of a sentence. */
  readonly tierRefusals?: Readonly<Partial<Record<ServiceTier, string>>>;
  /** With the limits of the contract: for the list of parameters and the OpenAPI document. `parse` is the check. */
  readonly payloadSchema: PayloadSchema;
  /** Reads a payload in the way that it was meant, checks it and fills in the defaults. Names every wrong key at once. */
  parse(payload: unknown, limits: PayloadLimits): ParsedPayload;
  /** `history`: the conversation that the payload continues by `previous_request_id`, else empty. */
  toOrder(payload: Payload, history: Conversation): Order;
  /** What an order will cost in a tier, in micro-dollars, before it is made. An estimate. The tier is the standard one if left out. */
  price(order: Order, tier?: ServiceTier): number;
  /**
   * What a call has cost, in micro-dollars, by what the upstream counted. `searches`: how many it says it made; none if left out.
   * `tier`: the one that was used; the standard one if left out.
   */
  cost(usage: Usage, call?: { readonly searches?: number; readonly tier?: ServiceTier | undefined }): number;
  /** The requested pixels of an order; `undefined` when the model does not promise any. */
  pixels(order: Order): Pixels | undefined;
  /** The parameters of an order for a picture that is to be laid over one of these pixels, with as little cut off as possible. */
  fit(order: Order, pixels: Pixels): OrderParameters;
  /** How long one call may take, in milliseconds. The tier is the standard one if left out. */
  timeoutMs(order: Order, tier?: ServiceTier): number;
}

/** The end of a model at its upstream. */
export interface Retirement {
  /** The day: `YYYY-MM-DD`. */
  readonly on: string;
  /** The id of the model to call instead. */
  readonly replacement?: string;
  /** Where the day was read, and how certain it is. */
  readonly source?: string;
}

/** The limits that a payload keeps: those of the contract of the queue's wire, or the model's own. */
export type PayloadLimits = 'contract' | 'model';

/** What a model serves. The first size and the first ratio are the defaults. */
export interface ModelLimits {
  readonly imageSizes: readonly string[];
  readonly aspectRatios: readonly string[];
  /** Reference pictures of one request. */
  readonly maxReferences: number;
  /** Unicode code points. */
  readonly maxPromptCharacters: number;
  /** Pictures of one request; each is one upstream call. */
  readonly maxImages: number;
  /** What the model takes beyond what every model does. */
  readonly optionalParameters: readonly OptionalParameter[];
  /** The words of `thinking_level`, if the model takes it. */
  readonly thinkingLevels?: readonly string[];
  /** The words of `quality`, if the model takes it. The first is the default. */
  readonly qualities?: readonly string[];
}

export type ParsedPayload =
  | { readonly kind: 'parsed'; readonly payload: Payload }
  | { readonly kind: 'refused'; readonly issues: readonly PayloadIssue[] };

export interface PayloadIssue {
  /** From the payload on, e.g. `['image', 3]`; empty for the payload itself. */
  readonly path: readonly PropertyKey[];
  /** The end of a sentence that begins with the path. */
  readonly message: string;
}
