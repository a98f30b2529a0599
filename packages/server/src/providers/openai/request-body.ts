import { readOptionalParameters } from '../../models/optional-parameters.ts';
import type { ImageCall, PictureFile } from '../image-model.ts';
import { toConversationInput } from './conversation-input.ts';
import { encodeForm, type FormFile } from './multipart.ts';

export interface RequestBody {
  /** Below the base URL. */
  readonly path: '/images/generations' | '/images/edits';
  readonly contentType: string;
  readonly bytes: number;
  readonly chunks: () => AsyncGenerator<Uint8Array>;
}

/** A picture of words alone is a generation, sent as JSON; with pictures it is an edit, sent as a form. */
export function toRequestBody(call: ImageCall): RequestBody {
  const { prompt, pictures } = toConversationInput(call.turns);
  const fields = toFields(call, prompt);
  if (pictures.length > 0) return { path: '/images/edits', ...encodeForm(toTexts(fields), toFiles(pictures, call)) };
  const body = Buffer.from(JSON.stringify(fields));
  return {
    path: '/images/generations',
    contentType: 'application/json',
    bytes: body.length,
    chunks: () => yieldOnce(body),
  };
}

async function* yieldOnce(body: Buffer): AsyncGenerator<Uint8Array> {
  yield body;
}

type Fields = Readonly<Record<string, string | number>>;

/** One picture a call: every call has its own line in the log, and its own fate. */
function toFields({ upstreamModel, parameters, pixels, format, imageIndex }: ImageCall, prompt: string): Fields {
  const { quality, background, seed, negative_prompt: negativePrompt } = readOptionalParameters(parameters);
  const isOwn = isOpenaiModel(upstreamModel);
  return {
    model: upstreamModel,
    prompt: isOwn ? prompt : disarm(prompt),
    n: 1,
    ...(pixels && { size: `${pixels.width}x${pixels.height}` }),
    ...(quality !== undefined && { quality }),
    ...(background !== undefined && { background }),
    // With one seed for all, the pictures of an order would be alike. Engines count seeds from 0.
    ...(seed !== undefined && { seed: (seed + imageIndex) & 0x7fffffff }),
    ...(negativePrompt !== undefined && { negative_prompt: disarm(negativePrompt) }),
    ...(isOwn ? format && { output_format: format } : { response_format: 'b64_json' }),
  };
}

/**
 * OpenAI's own models know `output_format` and refuse `response_format`. Engines behind the same call are asked for the bytes, which
 * some send only then, and choose their format.
 */
function isOpenaiModel(id: string): boolean {
  return /^(?:gpt|chatgpt)-image\b/.test(id);
}

/** stable-diffusion.cpp takes parameters out of such tags in a prompt; they are the operator's to set, not the caller's. */
function disarm(text: string): string {
  return text.replaceAll(/<\/?sd_cpp_extra_args>/gi, ' ');
}

function toTexts(fields: Fields): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]));
}

function toFiles(pictures: readonly PictureFile[], { mask }: ImageCall): readonly FormFile[] {
  // As OpenAI's clients name them: one picture is no list.
  const name = pictures.length === 1 ? 'image' : 'image[]';
  const files = pictures.map((picture, index) => toFile(name, `picture-${index + 1}`, picture));
  return mask && isTakenMask(mask) ? [...files, toFile('mask', 'mask', mask)] : files;
}

/** OpenAI takes nothing else. The model then edits without a guide, and the original is put back nevertheless. */
const maxMaskBytes = 4_000_000;

function isTakenMask({ file, mimeType }: PictureFile): boolean {
  return mimeType === 'image/png' && file.bytes < maxMaskBytes;
}

function toFile(name: string, fileName: string, { file, mimeType }: PictureFile): FormFile {
  const extension = mimeType.replace(/^image\//, '');
  return { name, fileName: `${fileName}.${extension}`, mimeType, file };
}
