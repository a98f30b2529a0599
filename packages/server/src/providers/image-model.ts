import type { SpoolFile } from '@darkroom/json-stream';
import type { Failure } from '../core/failures.ts';
import type { OrderParameters } from '../core/order.ts';
import type { Usage } from '../core/usage.ts';

/**
 * The room of the upstreams. An `ImageModel` makes pictures of one call; it knows nothing of requests, queues or money.
 * Pictures and signatures come and go as files of the attempt's spool folder, never as strings in memory.
 */
export interface ImageModel {
  /**
   * Makes one upstream call and resolves when it has ended: never rejects for anything that the upstream or the network
   * did, only for a defect. Exactly one call is sent, none is repeated: back-off has one owner, and it is not here.
   *
   * Every file it makes lies in `call.spoolFolder`; after a failure or an interruption it leaves none there.
   * `signal` ends the call early (shutdown); the answer is then `interrupted`.
   */
  generate(call: ImageCall, signal: AbortSignal): Promise<ImageAnswer>;

  /** Is the upstream there, and does it know the model? Makes no picture and costs nothing. */
  check(upstreamModel: string, signal: AbortSignal): Promise<UpstreamCheck>;
}

export type UpstreamCheck = { readonly kind: 'ready' } | { readonly kind: 'failed'; readonly failure: Failure };

/** One call: what to draw, on which model, and how. */
export interface ImageCall {
  /** The upstream's own id of the model. */
  readonly upstreamModel: string;
  /** The conversation, oldest first; the last turn is the user's. */
  readonly turns: readonly Turn[];
  /** What the order asks of the provider alone, e.g. a size; checked by the model's spec. */
  readonly parameters: OrderParameters;
  /** An existing folder that belongs to this call alone. */
  readonly spoolFolder: string;
  /** From the start of the call to the last byte of the answer, in milliseconds. */
  readonly timeoutMs: number;
}

export interface Turn {
  readonly role: 'user' | 'model';
  readonly parts: readonly TurnPart[];
}

export type TurnPart =
  | { readonly kind: 'text'; readonly text: string; readonly signature?: Signature }
  | {
      readonly kind: 'picture';
      /** The raw bytes of the picture. */
      readonly file: SpoolFile;
      /** The true type of the bytes, e.g. `image/jpeg`. */
      readonly mimeType: string;
      readonly signature?: Signature;
    };

/** What the turns of a call may be; what goes beyond is left out, made smaller or converted before the call. */
export interface TurnRules {
  /** Of pictures as base64, signatures and texts together. */
  readonly maxBytes: number;
  readonly maxPictures: number;
  /** The media types that the upstream reads, PNG and JPEG among them. */
  readonly pictureTypes: readonly string[];
  /** What the model's parts carry that came without a signature; missing: nothing. */
  readonly standInSignature?: string;
}

/** By it the upstream knows its own part again: in a file as it was spelled in JSON (1 to 2 MB of base64), or a stand-in. */
export type Signature =
  | { readonly kind: 'file'; readonly file: SpoolFile }
  | { readonly kind: 'stand-in'; readonly value: string };

export type ImageAnswer =
  | ({ readonly kind: 'pictures'; readonly parts: readonly AnswerPart[] } & AnswerFacts)
  | ({
      readonly kind: 'failed';
      readonly failure: Failure;
      /** May the upstream have charged for the call? */
      readonly isPossiblyBilled: boolean;
    } & AnswerFacts)
  | { readonly kind: 'interrupted'; readonly isPossiblyBilled: boolean };

/** What the upstream said about the call beside the pictures. */
export interface AnswerFacts {
  readonly usage?: Usage;
  /** The model that really answered. */
  readonly modelVersion?: string;
  readonly responseId?: string;
  readonly finishReason?: string;
}

/** The model's answer in its order, without its drafts and thoughts. `pictures` holds at least one picture. */
export type AnswerPart =
  | { readonly kind: 'text'; readonly text: string; readonly signature?: SpoolFile }
  | {
      readonly kind: 'picture';
      readonly file: SpoolFile;
      /** What the upstream says the bytes are; it may be wrong. */
      readonly declaredMimeType: string;
      readonly signature?: SpoolFile;
    };
