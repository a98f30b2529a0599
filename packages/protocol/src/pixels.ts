/** A size as its model names it; the model's detail lists those that it has. The ones spelled out here are for editors to suggest. */
export type ImageSize = '1K' | '2K' | '4K' | (string & {});

/** A ratio of width to height as its model names it. */
export type AspectRatio =
  | '1:1'
  | '2:3'
  | '3:2'
  | '3:4'
  | '4:3'
  | '4:5'
  | '5:4'
  | '9:16'
  | '16:9'
  | '21:9'
  | typeof automaticRatio
  | (string & {});

/** The ratio of models that decide by themselves: that of the last picture that they are given, for example. */
export const automaticRatio = 'auto';

export const imageOutputFormats = ['png', 'jpeg', 'webp'] as const;
export type ImageOutputFormat = (typeof imageOutputFormats)[number];

/** The model's own bytes, in the format in which it sends them. */
export const originalFormat = 'original';
/** What a request may ask for. */
export const askedFormats = [...imageOutputFormats, originalFormat] as const;
export type AskedFormat = (typeof askedFormats)[number];

/** Width and height in pixels. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
}
