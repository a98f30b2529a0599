import type { SpoolFile } from '@darkroom/json-stream';
import type { Pixels } from '@darkroom/protocol';
import { measure } from '../illustrator.ts';
import { sniff } from '../sniff.ts';
import { findOpenaiModel, type OpenaiModel, readSize, toNearestSize } from './models.ts';
import type { ReceivedCall } from './receive-image-call.ts';
import { refuse, refuseParameter } from './refusals.ts';

/** What a valid call asks of the model. */
export interface ImageOrder {
  readonly model: OpenaiModel;
  readonly prompt: string;
  readonly count: number;
  readonly pixels: Pixels;
  readonly quality: string;
  readonly format: 'png' | 'jpeg' | 'webp';
  readonly background: string;
  readonly pictures: readonly SpoolFile[];
}

const formats = ['png', 'jpeg', 'webp'] as const;
const backgrounds = ['auto', 'opaque', 'transparent'];
const known = new Set(
  'model prompt n size quality background output_format output_compression moderation user safety_identifier input_fidelity image mask'.split(
    ' ',
  ),
);
const maxPromptCharacters = 32_000;
const maxCount = 10;

/** Throws a `Refusal` in OpenAI's words for the first thing that it would refuse. */
export async function readImageCall({ fields, pictures, mask }: ReceivedCall, isEdit: boolean): Promise<ImageOrder> {
  for (const name of Object.keys(fields))
    if (!known.has(name)) throw refuseParameter(name, `Unknown parameter: '${name}'.`, 'unknown_parameter');
  const text = (name: string, fallback?: string) => readText(fields[name] ?? fallback, name);
  const model = findOpenaiModel(text('model'));
  const prompt = text('prompt');
  if (prompt.trim() === '') throw refuseParameter('prompt', 'You must provide a prompt.', 'missing_required_parameter');
  if (prompt.length > maxPromptCharacters)
    throw refuseParameter('prompt', `Invalid 'prompt': string too long.`, 'string_above_max_length');
  if (isEdit && pictures.length === 0)
    throw refuseParameter('image', "Missing required parameter: 'image'.", 'missing_required_parameter');
  for (const picture of pictures) await checkPicture(picture);
  if (mask) await checkMask(mask, pictures);
  const format = oneOf('output_format', text('output_format', 'png'), formats);
  const background = oneOf('background', text('background', 'auto'), backgrounds);
  if (background === 'transparent' && format === 'jpeg')
    throw refuseParameter('background', "Transparent background is not supported for 'jpeg' output format.");
  const quality = oneOf('quality', text('quality', 'auto'), ['auto', ...model.qualities]);
  const size = text('size', 'auto');
  return {
    model,
    prompt,
    count: readCount(fields['n'] ?? 1),
    pixels: size === 'auto' ? await chooseSize(pictures) : readSize(size, model),
    quality: quality === 'auto' ? 'high' : quality,
    format,
    background,
    pictures,
  };
}

function readText(value: unknown, name: string): string {
  if (value === undefined || value === null)
    throw refuseParameter(name, `Missing required parameter: '${name}'.`, 'missing_required_parameter');
  if (typeof value !== 'string')
    throw refuseParameter(name, `Invalid type for '${name}': expected a string.`, 'invalid_type');
  return value;
}

function readCount(value: unknown): number {
  const count = Number(value);
  if (!Number.isInteger(count) || count < 1 || count > maxCount)
    throw refuseParameter('n', `Invalid 'n': must be an integer from 1 to ${maxCount}.`);
  return count;
}

function oneOf<T extends string>(name: string, value: string, words: readonly T[]): T {
  const word = words.find((one) => one === value);
  if (word !== undefined) return word;
  const listed = words.map((one) => `'${one}'`).join(', ');
  throw refuseParameter(name, `Invalid value: '${value.slice(0, 40)}'. Supported values are: ${listed}.`);
}

async function checkPicture(file: SpoolFile): Promise<void> {
  const type = await sniff(file);
  if (type === 'image/png' || type === 'image/jpeg' || type === 'image/webp') return;
  throw refuse(400, {
    type: 'image_generation_user_error',
    code: 'invalid_image_file',
    param: 'image',
    message: 'Invalid image file or mode for image 1, please check your image file.',
  });
}

async function checkMask(mask: SpoolFile, [first]: readonly SpoolFile[]): Promise<void> {
  const invalid = (message: string) => refuseParameter('mask', message, 'invalid_mask_image_format');
  if ((await sniff(mask)) !== 'image/png') throw invalid('Invalid mask image: it must be a PNG.');
  const [above, below] = [await measure(mask), first && (await measure(first))];
  if (above?.width !== below?.width || above?.height !== below?.height)
    throw invalid('Invalid mask image format - mask size does not match image size');
}

/** With `auto`, an edit keeps the ratio of its first picture as far as the standard sizes allow. */
async function chooseSize([first]: readonly SpoolFile[]): Promise<Pixels> {
  const pixels = first && (await measure(first));
  return toNearestSize(pixels ?? { width: 1, height: 1 });
}
