import type { SpoolFile } from '@darkroom/json-stream';
import type { ImageRequest } from '../core/image-request.ts';
import type { Order } from '../core/order.ts';

/** The operator's own judge of what may be made and served. */
export interface Moderation {
  /** Asks before the first paid call of a request. Never rejects; when `signal` aborts, the ruling is `unanswered`. */
  askAboutRequest(subject: ModeratedRequest, signal: AbortSignal): Promise<Ruling>;

  /** Asks about a picture before it is stored. Missing: nobody wants to be asked. Otherwise as `askAboutRequest`. */
  readonly askAboutPicture?: (picture: ModeratedPicture, signal: AbortSignal) => Promise<Ruling>;
}

export interface ModeratedRequest {
  readonly request: Pick<ImageRequest, 'id' | 'organizationId' | 'apiKeyId' | 'model' | 'wire' | 'attempt'>;
  readonly order: Pick<Order, 'conversation' | 'mask' | 'parameters'>;
}

export interface ModeratedPicture extends ModeratedRequest {
  /** Which of the requested images, from 0. */
  readonly imageIndex: number;
  /** The bytes as the model made them. */
  readonly file: SpoolFile;
  /** What the upstream says the bytes are. */
  readonly mimeType: string;
}

/** `reason` is a sentence of the judge for the caller. */
export type Ruling =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'flagged'; readonly reason: string }
  | { readonly kind: 'blocked'; readonly reason: string }
  /** There was no usable answer, and without one nothing is allowed. */
  | { readonly kind: 'unanswered' };
