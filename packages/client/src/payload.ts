import type { ContentsTurn } from './shapes.ts';

/** A size as its model names it. Editors suggest these; `model(id)` lists those that a model has. */
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
  | 'auto'
  | (string & {});

export interface SafetySetting {
  category:
    | 'HARM_CATEGORY_HARASSMENT'
    | 'HARM_CATEGORY_HATE_SPEECH'
    | 'HARM_CATEGORY_SEXUALLY_EXPLICIT'
    | 'HARM_CATEGORY_DANGEROUS_CONTENT'
    | 'HARM_CATEGORY_CIVIC_INTEGRITY';
  threshold: 'BLOCK_LOW_AND_ABOVE' | 'BLOCK_MEDIUM_AND_ABOVE' | 'BLOCK_ONLY_HIGH' | 'BLOCK_NONE' | 'OFF';
}

/** What to make. `model(id)` lists the parameters of a model with their defaults; a parameter that a model does not take is refused. */
export interface PayloadInput {
  /** Description of the picture. Required unless `contents` is given. */
  prompt?: string | undefined;
  /** Reference pictures: http(s) URLs, `data:` URIs, bare base64 or `gs://` URIs of at most 7 MB each. `upload` gives URLs. */
  image?: string | string[] | undefined;
  image_size?: ImageSize | undefined;
  aspect_ratio?: AspectRatio | undefined;
  /** The format of the stored picture. `original` keeps the bytes of the model as they are. */
  image_output_format?: 'png' | 'jpeg' | 'webp' | 'original' | undefined;
  /** The quality of a JPEG or WebP, 1 to 100. */
  image_output_compression?: number | undefined;
  /** How many pictures to make. Each is one call to the model. Default: 1. */
  number_of_images?: number | undefined;
  /** A conversation to continue: `outcome.next_turn_contents` of an earlier request, with its last turn filled in. */
  contents?: ContentsTurn[] | undefined;
  /** An earlier request that succeeded. `prompt` says what to change in its picture. */
  previous_request_id?: string | undefined;
  /** Which picture of the previous request to change: its place in `media_urls`, from 0. Default: the first. */
  previous_image?: number | undefined;
  /** A PNG or WebP with an alpha channel and the size of the first picture in `image`. The picture may change only where it is transparent. */
  mask?: string | undefined;
  /** Instructions that apply to every turn. */
  system_instruction?: string | undefined;
  temperature?: number | undefined;
  top_p?: number | undefined;
  /** The same request with the same seed gives a similar picture, as far as the model can. */
  seed?: number | undefined;
  safety_settings?: SafetySetting[] | undefined;
  thinking_level?: string | undefined;
  /** Lets the model look up facts on Google first. */
  google_search?: boolean | undefined;
  quality?: string | undefined;
  /** `transparent` needs a format with an alpha channel: PNG or WebP. */
  background?: 'auto' | 'opaque' | 'transparent' | undefined;
  /** What the picture must not show. */
  negative_prompt?: string | undefined;
  /** A parameter of a newer server. */
  [key: string]: unknown;
}
