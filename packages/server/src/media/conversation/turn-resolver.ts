import type { Conversation } from '../../core/conversation.ts';
import type { Failure } from '../../core/failures.ts';
import type { Turn } from '../../providers/image-model.ts';

/** Turns a conversation into what is sent upstream: its texts, the bytes of its pictures and their signatures. */
export interface TurnResolver {
  /**
   * Every picture of the turns is a file inside `folder`, an existing folder that belongs to this attempt. `failed` when
   * a picture cannot be had; the message names which one and why. Rejects when `signal` aborts, or for a defect.
   */
  resolve(conversation: Conversation, context: TurnContext): Promise<ResolvedTurns>;
}

export interface TurnContext {
  /** On whose behalf: only its own pictures come with their originals and signatures. */
  readonly organizationId: string;
  readonly folder: string;
  /**
   * The upstream has refused the model's turns for their signatures: the last answer's pictures are offered as
   * references of the user instead.
   */
  readonly isUnsigned: boolean;
  readonly signal: AbortSignal;
}

export type ResolvedTurns =
  | {
      readonly kind: 'turns';
      readonly turns: readonly Turn[];
      /** The indexes of the turns that would have made the whole too large; none when it is missing. */
      readonly leftOutTurns?: readonly number[];
      /** How many of the user's pictures are sent smaller than they are, for the same reason. */
      readonly reducedPictures?: number;
    }
  | { readonly kind: 'failed'; readonly failure: Failure };
