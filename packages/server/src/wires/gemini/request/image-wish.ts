import { z } from 'zod';
import type { ProblemDetails } from '../../../core/problem.ts';
import { findForeignKeys, imageRules } from './known-keys.ts';
import { number, text } from './values.ts';

const outputSchema = z.looseObject({
  mimeType: text.optional(),
  compressionQuality: number.optional(),
});

/** `generationConfig.imageConfig`, as the SDKs send it. */
export const imageConfigSchema = z.looseObject({
  aspectRatio: text.optional(),
  imageSize: text.optional(),
  outputMimeType: text.optional(),
  outputCompressionQuality: number.optional(),
  imageOutputOptions: outputSchema.optional(),
});

/** `generationConfig.responseFormat`, the newer form: an object or a list of them. */
export const responseFormatSchema = z.preprocess(
  (given) => [given].flat(),
  z.array(z.looseObject({ image: imageFormatSchema().optional() })),
);

function imageFormatSchema() {
  return z.looseObject({
    aspectRatio: text.optional(),
    imageSize: text.optional(),
    mimeType: text.optional(),
    delivery: text.optional(),
  });
}

/** What the client says about the picture. */
export interface ImageWish {
  readonly aspectRatio?: string;
  readonly imageSize?: string;
  readonly mimeType?: string;
  readonly quality?: number;
  /** Is the picture delivered by its address? */
  readonly isByUri: boolean;
}

/** The wish of both forms; the newer one counts where both say something. Adds to `problems` what cannot be done. */
export function toImageWish(
  config: z.output<typeof imageConfigSchema> | undefined,
  formats: z.output<typeof responseFormatSchema> | undefined,
  problems: ProblemDetails[number][],
): ImageWish {
  const { imageOutputOptions: output, ...old } = config ?? {};
  const format = formats?.find(({ image }) => image)?.image;
  const path = 'generationConfig.imageConfig';
  const mapped = ['aspectRatio', 'imageSize', 'outputMimeType', 'outputCompressionQuality'];
  problems.push(...findForeignKeys(old, { path, mapped, rules: imageRules }));
  const at = 'generationConfig.responseFormat.image';
  const names = ['aspectRatio', 'imageSize', 'mimeType', 'delivery'];
  problems.push(...findForeignKeys(format ?? {}, { path: at, mapped: names, rules: imageRules }));
  const ratio = toRatio(format?.aspectRatio ?? old.aspectRatio);
  const size = toSize(format?.imageSize ?? old.imageSize);
  const mimeType = toMimeType(format?.mimeType ?? old.outputMimeType ?? output?.mimeType);
  const quality = old.outputCompressionQuality ?? output?.compressionQuality;
  return {
    ...(ratio !== undefined && { aspectRatio: ratio }),
    ...(size !== undefined && { imageSize: size }),
    ...(mimeType !== undefined && { mimeType }),
    ...(quality !== undefined && { quality }),
    isByUri: /^(DELIVERY_)?URI$/i.test(format?.delivery ?? ''),
  };
}

const numbers: Readonly<Record<string, string>> = {
  ONE: '1',
  TWO: '2',
  THREE: '3',
  FOUR: '4',
  FIVE: '5',
  EIGHT: '8',
  NINE: '9',
  SIXTEEN: '16',
  TWENTY_ONE: '21',
};

/** `16:9`, or `ASPECT_RATIO_SIXTEEN_BY_NINE`. */
function toRatio(given: string | undefined): string | undefined {
  const [, width = '', height = ''] = /^ASPECT_RATIO_(\w+)_BY_(\w+)$/.exec(given ?? '') ?? [];
  if (width !== '') return `${numbers[width] ?? width}:${numbers[height] ?? height}`;
  return given === 'ASPECT_RATIO_UNSPECIFIED' ? undefined : given;
}

/** `2K`, or `IMAGE_SIZE_TWO_K`. */
function toSize(given: string | undefined): string | undefined {
  if (given === 'IMAGE_SIZE_UNSPECIFIED') return undefined;
  if (given === 'IMAGE_SIZE_FIVE_TWELVE') return '512';
  const [, number = ''] = /^IMAGE_SIZE_(\w+)_K$/.exec(given ?? '') ?? [];
  return number === '' ? given?.toUpperCase() : `${numbers[number] ?? number}K`;
}

/** `image/png`, or `IMAGE_PNG`. */
function toMimeType(given: string | undefined): string | undefined {
  return given
    ?.toLowerCase()
    .replace(/^image_/, 'image/')
    .replace(/jpg$/, 'jpeg');
}
