import type { RequestStatus, ServiceTier, TierChoice } from '@darkroom/protocol';
import type { Conversation } from './conversation.ts';
import type { Failure, FailureCode } from './failures.ts';
import type { Grounding } from './grounding.ts';
import type { ModerationFlag } from './moderation-flag.ts';
import type { StandIn } from './stand-ins.ts';
import type { StoredPicture } from './stored-picture.ts';
import type { Usage } from './usage.ts';

/** A request as the store keeps it: the row is the queue. Times are milliseconds since 1970, money is micro-dollars. */
export interface ImageRequest {
  readonly id: string;
  readonly organizationId: string;
  readonly apiKeyId: string;
  /** The public id, as the caller wrote it. */
  readonly model: string;
  /** The payload's JSON text as it was sent, except for what `inline` holds. */
  readonly payload: string;
  /** The pictures that were inside the payload; they are in the media store. */
  readonly inline: readonly InlinePicture[];
  readonly status: RequestStatus;
  /** Larger goes first within its organization. */
  readonly priority: number;
  /** How often it was claimed. */
  readonly attempt: number;
  /** While queued: not before this time. */
  readonly availableAt: number;
  /** While it waits for another try: the failure of the last one. */
  readonly retryCode: FailureCode | undefined;
  /** Set once, by the write that ends the request; cancelled requests may have none. */
  readonly outcome: Outcome | undefined;
  readonly estimatedCostMicros: number;
  /** What its calls have cost so far. */
  readonly costMicros: number;
  readonly createdAt: number;
  /** The time of the submit, or of the last requeue. */
  readonly queuedAt: number;
  readonly updatedAt: number;
  /** Gives up after this time. */
  readonly deadlineAt: number;
  /** How long it is kept after its end, at most, as the submit asked; `undefined`: as the operator says. */
  readonly retainMs: number | undefined;
  /** Have its pictures gone before its record? */
  readonly isBare: boolean;
  /** The name of the wire that it came by. */
  readonly wire: string;
  /** May another model that its own names be called instead? */
  readonly allowsStandIn: boolean;
  /** What the submit asked for; `undefined`: nothing, which means the standard tier. */
  readonly serviceTier: TierChoice | undefined;
  /** The tier in which it waits, and in which its next call is made. */
  readonly tier: ServiceTier;
  /** Its place in a trace, as W3C Trace Context writes it: what is done for it belongs under it. `undefined`: it has none. */
  readonly traceparent: string | undefined;
}

/** A picture that was sent inside the payload, as base64, or the signature of a part of the model. */
export interface InlinePicture {
  /** The keys that lead to its string in the payload. The string now holds what came before the base64. */
  readonly path: readonly (string | number)[];
  /** The stored picture that has its bytes. */
  readonly name: string;
  /** Its length; older requests do not have it. */
  readonly bytes?: number;
  /** Only when an earlier request had made it: then it is stored as a picture of that request. */
  readonly isKnown?: true;
  /** Is it a signature? Then `name` is the key of its object. */
  readonly isSignature?: true;
}

export type Outcome = SuccessOutcome | FailureOutcome;

export interface SuccessOutcome {
  readonly kind: 'success';
  /** In the order of `media_urls`; at least one. */
  readonly pictures: readonly StoredPicture[];
  /** What the model said in addition to the pictures. */
  readonly text?: string;
  /** What the model looked up. */
  readonly grounding?: Grounding;
  readonly modelVersion?: string;
  /** Of the first image that another model than the request's has made. */
  readonly standIn?: StandIn;
  readonly usage?: Usage;
  /** The conversation up to and with the model's answer. */
  readonly conversation: Conversation;
  /** The indexes of the turns that were not sent to the model. */
  readonly leftOutTurns?: readonly number[];
  /** How many references were made smaller for the model. */
  readonly reducedPictures?: number;
  /** What the moderation of the operator flagged and let pass. */
  readonly moderationFlags?: readonly ModerationFlag[];
  /** The requested images that could not be made although others could: one failure for each. */
  readonly missing?: readonly Failure[];
}

export interface FailureOutcome {
  readonly kind: 'failure';
  readonly failure: Failure;
}

/**
 * The right to work on a request. One worker holds it until it settles or, once the lease has run out, until the request is
 * rescued.
 */
export interface Lease {
  readonly requestId: string;
  /** The number of the attempt that this lease is for, from 1. */
  readonly attempt: number;
  /** Unguessable; every claim has a new one. */
  readonly token: string;
}

/**
 * One line of the attempt log: one upstream call. An attempt at a request for several images makes one call for each image that
 * it still lacks and was granted. The line is written with the claim, and marked as sent before the call is. A line that was
 * never sent is removed when the attempt ends, unless the call failed before it could be sent.
 */
export interface Attempt {
  readonly requestId: string;
  /** The claim it belongs to, from 1. */
  readonly number: number;
  /** Which of the requested images, from 0. */
  readonly imageIndex: number;
  readonly worker: string;
  /** The name of the upstream that it was granted on. */
  readonly upstream: string;
  /** The model that it was granted for, when that is not the request's. */
  readonly standIn: StandIn | undefined;
  /** The time of the claim. */
  readonly startedAt: number;
  readonly sentAt: number | undefined;
  readonly endedAt: number | undefined;
  /** `undefined` while the call is under way. */
  readonly result: AttemptResult | undefined;
  readonly costMicros: number;
  /** May the upstream have charged for it although no answer says so? */
  readonly isPossiblyBilled: boolean;
  readonly failure: Failure | undefined;
  /** What a successful call brought; kept for the outcome even when a later attempt brings the rest. */
  readonly answer: KeptAnswer | undefined;
  readonly usage: Usage | undefined;
  readonly modelVersion: string | undefined;
  readonly responseId: string | undefined;
  /** The tier that the upstream says it used. */
  readonly serviceTier: ServiceTier | undefined;
  /** The id of the batch job that the call waits in, or has waited in. */
  readonly batchJob: string | undefined;
}

/** `lost`: its worker went away while the call was under way. `interrupted`: the worker gave it back at shutdown. */
export type AttemptResult = 'succeeded' | 'failed' | 'lost' | 'interrupted';

/** What one successful call brought. */
export interface KeptAnswer {
  /** In the model's order; at least one picture. */
  readonly parts: readonly KeptPart[];
  /** Whose model it was: only that provider gets its signatures again. Older answers do not have it. */
  readonly provider?: string;
  /** What the model looked up. */
  readonly grounding?: Grounding;
  /** The indexes of the turns that were left out of the call, since the whole would have been too large. */
  readonly leftOutTurns?: readonly number[];
  /** How many references were made smaller, for the same reason. */
  readonly reducedPictures?: number;
  /** What the moderation of the operator flagged and let pass: the request, or these pictures. */
  readonly moderationFlags?: readonly ModerationFlag[];
}

export type KeptPart =
  | {
      readonly kind: 'text';
      readonly text: string;
      /** The key of its signature, when the upstream gave one. */
      readonly signatureKey?: string;
    }
  | { readonly kind: 'picture'; readonly picture: StoredPicture };

/** How a call ended. */
export interface CallEnd {
  readonly imageIndex: number;
  readonly endedAt: number;
  readonly result: 'succeeded' | 'failed' | 'interrupted';
  readonly costMicros: number;
  readonly isPossiblyBilled: boolean;
  readonly failure?: Failure;
  readonly answer?: KeptAnswer;
  readonly usage?: Usage;
  readonly modelVersion?: string;
  readonly responseId?: string;
  readonly serviceTier?: ServiceTier;
}

/** What happens to a request when an attempt at it has ended. */
export type Verdict =
  | { readonly kind: 'succeed'; readonly outcome: SuccessOutcome }
  | { readonly kind: 'fail'; readonly outcome: FailureOutcome }
  /** Queued again, not before `availableAt`. */
  | { readonly kind: 'retry'; readonly availableAt: number; readonly code: FailureCode }
  /** Queued again at once, without blame. */
  | { readonly kind: 'interrupt' };
