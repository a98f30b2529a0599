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

/** What a conversation asks to see, in the form that the illustrator reads. */
export interface Motif {
  /** The first text of the user, without directives. */
  readonly prompt: string;
  /** The user's later texts in order, without directives. */
  readonly edits: readonly string[];
  /**
   * The user's pictures, and foreign pictures in the model's turns, in the order of the conversation. The files exist until
   * the picture is drawn.
   */
  readonly references: readonly PictureFile[];
  /** The take of the last picture in the conversation that was drawn here. */
  readonly edited?: Take;
}

/** One picture to draw. The same order with the same files gives the same picture. */
export interface PictureOrder extends Omit<Motif, 'edited'> {
  readonly take: Take;
  readonly pixels: Pixels;
  /** Default: JPEG. */
  readonly format?: 'jpeg' | 'png' | 'webp';
  /** 1 to 100, for JPEG and WebP. */
  readonly quality?: number;
}
