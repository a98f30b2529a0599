import type { SpoolFile } from '@darkroom/json-stream';
import {
  type AskedFormat,
  type ImageOutputFormat,
  imageOutputFormats,
  originalFormat,
  type Pixels,
} from '@darkroom/protocol';
import type { MaskedPicture } from '../../core/masked-picture.ts';
import { PictureTooLargeError, UnreadablePictureError, UnsupportedPictureError } from '../media-errors.ts';
import { contentTypes } from '../picture-name.ts';
import { compositePicture } from './composite-picture.ts';
import { maxPixels } from './decode-cost.ts';
import { mendCutPicture } from './mend-cut-picture.ts';
import { assertDecodable, type HeadedPicture, transcodePicture } from './picture-codec.ts';
import { describeExcess, heifProblem, isHeif } from './picture-head.ts';

/** What becomes of a picture, as far as its head says. */
export interface Plan {
  readonly format: ImageOutputFormat;
  /** The picture's own file; missing when a new one is made. */
  readonly shown?: SpoolFile;
}

export interface Developed extends Plan {
  /** The picture's own file, or a new one. */
  readonly shown: SpoolFile;
  /** Its pixels, where they are not those of the picture that was developed. */
  readonly pixels?: Pixels;
  /** The flaw of the picture, as a sentence. Callers would rather see a flawed picture than pay for another. */
  readonly flaw?: string;
}

export interface DevelopOptions {
  readonly format: AskedFormat;
  /** Of the encoder, from 1 to 100. */
  readonly quality?: number;
  /** What is put back into the picture. */
  readonly masked?: MaskedPicture;
  /** Resolves to whether it is known that the picture is whole: then a picture that keeps its bytes is not decoded. Missing: no. */
  readonly isWhole?: () => Promise<boolean>;
  /** A new file may be made at this path, and another at `PATH.mended`. */
  readonly path: string;
}

/**
 * Turns a paid picture into one that can be shown in the requested format. Throws `UnreadablePictureError` when it
 * cannot be decoded, and `UnsupportedPictureError` when no picture of its kind can be.
 */
export async function developPicture(picture: HeadedPicture, options: DevelopOptions): Promise<Developed> {
  try {
    return await develop(picture, options);
  } catch (error) {
    // Nothing can be put back into a picture that is not decoded.
    if (error instanceof PictureTooLargeError && !options.masked) return keepUndecoded(picture, error);
    if (!(error instanceof UnreadablePictureError)) throw error;
    const mended = await mendCutPicture(picture, `${options.path}.mended`);
    if (mended) return { ...(await develop(mended, { ...options, isWhole: async () => true })), flaw: cutFlaw };
    throw isHeif(picture.head.type) ? new UnsupportedPictureError(heifProblem, { cause: error }) : error;
  }
}

/** What `developPicture` does with a picture that is whole and not too large. */
export function planDevelopment(
  picture: HeadedPicture,
  { format: asked, quality, masked }: Omit<DevelopOptions, 'path' | 'isWhole'>,
): Plan {
  const own = toOwnFormat(picture);
  // A format that nobody can be shown becomes the one without loss.
  const format = asked === originalFormat ? (own ?? 'png') : asked;
  return own === format && quality === undefined && !masked ? { format, shown: picture.file } : { format };
}

const cutFlaw = 'The upstream’s picture was cut off at its end; at most the last rows are missing.';

async function develop(picture: HeadedPicture, options: DevelopOptions): Promise<Developed> {
  const { quality, masked, path } = options;
  const { format, shown } = planDevelopment(picture, options);
  if (masked) {
    const encoding = { format, quality, source: 'compositeWithTrainedAlgorithmicMedia' } as const;
    return { ...(await compositePicture(picture, masked, { ...encoding, path })), format };
  }
  if (!shown) {
    const encoding = { format, quality, source: 'trainedAlgorithmicMedia' } as const;
    return { shown: await transcodePicture(picture, encoding, path), format };
  }
  if (!(await options.isWhole?.()) || describeExcess(picture.head, 'small') !== undefined)
    await assertDecodable(picture);
  return { shown, format };
}

/** The picture is paid for, so it is kept unchanged in its own format. */
function keepUndecoded(picture: HeadedPicture, error: PictureTooLargeError): Developed {
  const { file, head } = picture;
  const format = toOwnFormat(picture);
  // No model makes pictures this large, so these bytes are not a picture.
  if (head.pixels.width * head.pixels.height > maxPixels) throw error;
  if (!format) throw new UnsupportedPictureError(error.message, { cause: error });
  return { shown: file, format, flaw: `It was neither checked nor converted. ${error.message}` };
}

function toOwnFormat({ head }: HeadedPicture): ImageOutputFormat | undefined {
  return imageOutputFormats.find((one) => contentTypes[one] === head.type);
}
