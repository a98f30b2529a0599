import type { Take } from './take.ts';

/** Width and height in pixels. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
}

/** A picture on disk, of any format. */
export interface PictureFile {
  readonly path: string;
}

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
  readonly references: readonly PictureFile[];
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
