import type { Pixels } from '@darkroom/protocol';
import type { Conversation } from '../../core/conversation.ts';
import type { Failure } from '../../core/failures.ts';
import type { MaskedPicture } from '../../core/masked-picture.ts';
import type { Turn, TurnRules } from '../../providers/image-model.ts';

/** Turns a conversation into what is sent to the upstream: its texts, the bytes of its pictures, and their signatures. */
export interface TurnResolver {
  /**
   * Every picture of the turns is a file inside `folder`, an existing folder that belongs to this attempt. `failed`
   * when a picture cannot be fetched; the message says which one and why. Rejects when `signal` aborts, or for a
   * defect.
   */
  resolve(conversation: Conversation, context: TurnContext): Promise<ResolvedTurns>;
}

export interface TurnContext {
  /** The organization of the request: only its own pictures come with their originals and signatures. */
  readonly organizationId: string;
  readonly folder: string;
  /** Whose model is called: signatures of other providers' models are not sent to it. */
  readonly provider: string;
  /** Whose model the request names: the caller's own signatures are of it. */
  readonly ownProvider: string | undefined;
  /** Of the upstream that the turns go to. */
  readonly rules: TurnRules;
  /** The URI of the mask of the first picture. */
  readonly mask?: string | undefined;
  /**
   * The upstream has refused the model's turns because of their signatures. The pictures of the last answer are then
   * offered as references of the user.
   */
  readonly isUnsigned: boolean;
  readonly signal: AbortSignal;
}

export type ResolvedTurns =
  | {
      readonly kind: 'turns';
      readonly turns: readonly Turn[];
      /** The indexes of the turns that were left out because of the size; missing when there are none. */
      readonly leftOutTurns?: readonly number[];
      /** How many of the user's pictures are sent smaller than they are, for the same reason. */
      readonly reducedPictures?: number;
      /** With a mask: what is put back into the picture that the model makes. The files are in the folder, too. */
      readonly masked?: MaskedPicture;
      /** The size of that picture. */
      readonly maskedPixels?: Pixels;
      /** The type of the mask, e.g. `image/png`. */
      readonly maskType?: string;
    }
  | { readonly kind: 'failed'; readonly failure: Failure };
