import type { Payload } from '@darkroom/protocol';
import type { Failure } from '../core/failures.ts';
import type { Turn } from '../providers/image-model.ts';

/** Turns a payload into the conversation that is sent upstream: its prompt, its references, its earlier turns. */
export interface TurnResolver {
  /**
   * Every picture of the turns is a file inside `folder`, an existing folder that belongs to this attempt. `failed` when
   * a picture cannot be had; the message names which one and why. Rejects only for a defect, or when `signal` aborts.
   */
  resolve(payload: Payload, context: TurnContext): Promise<ResolvedTurns>;
}

export interface TurnContext {
  readonly organizationId: string;
  readonly folder: string;
  readonly signal: AbortSignal;
}

export type ResolvedTurns =
  | { readonly kind: 'turns'; readonly turns: readonly Turn[] }
  | { readonly kind: 'failed'; readonly failure: Failure };
