import type { Pixels } from '@darkroom/protocol';
import type { SpoolFile } from '../spool/spooled-string.ts';
import type { Take } from './take.ts';

/** What a conversation wants to see, as the illustrator reads it. */
export interface Motif {
  /** The first text of the user's, without directives. */
  readonly prompt: string;
  /** The user's later texts in their order, without directives. */
  readonly edits: readonly string[];
  /**
   * The user's pictures, and those of the model's turns that did not come from here, in the order of the conversation.
   * The files are there until the picture is drawn.
   */
  readonly references: readonly SpoolFile[];
  /** The take of the last picture from here in the conversation. */
  readonly edited?: Take;
}

/** One picture to draw. The same order with the same files gives the same picture. */
export interface PictureOrder extends Omit<Motif, 'edited'> {
  readonly take: Take;
  readonly pixels: Pixels;
  /** JPEG unless told otherwise. */
  readonly format?: 'jpeg' | 'png' | 'webp';
  /** 1 to 100, for JPEG and WebP. */
  readonly quality?: number;
}
