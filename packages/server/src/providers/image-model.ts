import type { SpoolFile } from '@darkroom/json-stream';
import type { ImageOutputFormat, Pixels, ServiceTier } from '@darkroom/protocol';
import type { Failure } from '../core/failures.ts';
import type { Grounding } from '../core/grounding.ts';
import type { OrderParameters } from '../core/order.ts';
import type { Usage } from '../core/usage.ts';

/**
 * Upstreams. An `ImageModel` makes the pictures of one call; it knows nothing of requests, queues or money. Pictures and
 * signatures are passed as files of the attempt's spool folder, never as strings in memory.
 */
export interface ImageModel {
  /**
   * Makes one upstream call and resolves when it has ended. It never rejects because of what the upstream or the network did,
   * only because of a defect. Exactly one call is sent, and none is repeated: only the caller backs off.
   *
   * Every file that it makes is in `call.spoolFolder`; after a failure or an interruption it leaves none there. `signal` ends the
   * call early (shutdown); the answer is then `interrupted`.
   */
  generate(call: ImageCall, signal: AbortSignal): Promise<ImageAnswer>;

  /** Is the upstream reachable, and does it know the model? Makes no picture and costs nothing. */
  check(upstreamModel: string, signal: AbortSignal): Promise<UpstreamCheck>;
}

export type UpstreamCheck = { readonly kind: 'ready' } | { readonly kind: 'failed'; readonly failure: Failure };

/** One call: what to draw, on which model, and how. */
export interface ImageCall {
  /** The upstream's id of the model. */
  readonly upstreamModel: string;
  /** The conversation, oldest first; the last turn is the user's. */
  readonly turns: readonly Turn[];
  /** The parameters of the order that only the provider reads, e.g. a size; the model's spec has checked them. */
  readonly parameters: OrderParameters;
  /** The pixels that the model promises for them; missing where it promises none. */
  readonly pixels?: Pixels;
  /** The format in which the picture needs no conversion afterwards, as far as the upstream can choose one; missing: the model's own. */
  readonly format?: ImageOutputFormat;
  /** Guides a model that takes masks: the first picture of the turns may change where this one is transparent. Both have the same pixels. */
  readonly mask?: PictureFile;
  /** Which picture of the order it is, from 0. */
  readonly imageIndex: number;
  /** The tier to ask for: one of those that the model's prices name, or the standard one, which needs no word. */
  readonly serviceTier: ServiceTier;
  /** An existing folder that only this call uses. */
  readonly spoolFolder: string;
  /** From the start of the call to the last byte of the answer, in milliseconds. */
  readonly timeoutMs: number;
  /** Is told when the head of the upstream's answer has come, whatever it says. */
  readonly onAnswer?: () => void;
}

export interface PictureFile {
  readonly file: SpoolFile;
  /** The true type of the bytes, e.g. `image/jpeg`. */
  readonly mimeType: string;
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
    }
  /** A picture that the upstream reads from a bucket itself. */
  | { readonly kind: 'remote'; readonly uri: string; readonly mimeType: string; readonly signature?: undefined };

/** The limits for the turns of a call; what exceeds them is left out, made smaller or converted before the call. */
export interface TurnRules {
  /** Pictures as base64, signatures and texts together. */
  readonly maxBytes: number;
  readonly maxPictures: number;
  /** The media types that the upstream reads, PNG and JPEG among them. */
  readonly pictureTypes: readonly string[];
  /** The buckets from which the upstream reads references itself, by `gs://` URIs; missing: none. */
  readonly buckets?: readonly string[];
  /** What the model's parts carry when they came without a signature; missing: nothing. */
  readonly standInSignature?: string;
  /** What the model is told when only this part of the first picture is to change; missing: nothing. */
  readonly describeBox?: (box: Box) => string;
}

/** A part of a picture, in thousandths of its sides from the top left corner. */
export interface Box {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/** The upstream recognizes its own part by it: in a file as it was written in JSON (1 to 2 MB of base64), or a stand-in. */
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

/** What the upstream said about the call in addition to the pictures. */
export interface AnswerFacts {
  readonly usage?: Usage;
  /** The model that really answered. */
  readonly modelVersion?: string;
  readonly responseId?: string;
  readonly finishReason?: string;
  /** The tier that the upstream says it used. */
  readonly serviceTier?: ServiceTier;
  /** What the model looked up, and where. */
  readonly grounding?: Grounding;
}

/** The model's answer in order, without its drafts and thoughts. `pictures` holds at least one picture. */
export type AnswerPart =
  | { readonly kind: 'text'; readonly text: string; readonly signature?: SpoolFile }
  | {
      readonly kind: 'picture';
      readonly file: SpoolFile;
      /** What the upstream says the bytes are; it may be wrong. */
      readonly declaredMimeType: string;
      readonly signature?: SpoolFile;
    };
