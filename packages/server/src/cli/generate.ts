import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Darkroom } from '@darkroom/client';
import {
  aspectRatios,
  imageOutputFormats,
  imageSizes,
  type PayloadInput,
  type RequestRecord,
  type SuccessOutcomeRecord,
  type UploadType,
  uploadTypes,
} from '@darkroom/protocol';
import { type Command, Option } from 'commander';
import { sniffImageType } from '../media/sniff-image-type.ts';
import { addConnectionOptions, type Connection, withConnection } from './connect.ts';
import { createProgress } from './progress.ts';
import { parseWholeNumber } from './whole-number.ts';

interface GenerateOptions {
  readonly model?: string;
  readonly size?: (typeof imageSizes)[number];
  readonly ratio?: (typeof aspectRatios)[number];
  readonly format?: (typeof imageOutputFormats)[number];
  readonly count?: number;
  readonly image: readonly string[];
  readonly output: string;
}

export function registerGenerate(program: Command): void {
  const command = program
    .command('generate')
    .description('Make a picture of a prompt and write it to a file.')
    .argument('<prompt>', 'What the picture shows.');
  addPictureOptions(command).action((prompt: string, options: GenerateOptions) =>
    withConnection(command, (connection) => generate(connection, { prompt }, options)),
  );
}

export function registerEdit(program: Command): void {
  const command = program
    .command('edit')
    .description('Change the picture of an earlier request and write the new one to a file.')
    .argument('<request>', 'The request whose picture is changed.')
    .argument('<prompt>', 'What to change.');
  addPictureOptions(command).action((id: string, prompt: string, options: GenerateOptions) =>
    withConnection(command, (connection) => generate(connection, { prompt, previous_request_id: id }, options)),
  );
}

function addPictureOptions(command: Command): Command {
  command
    .option('--model <id>', 'The model. (default: gemini-3-pro-image-preview)')
    .addOption(new Option('--size <size>', 'The resolution.').choices(imageSizes))
    .addOption(new Option('--ratio <ratio>', 'Width to height.').choices(aspectRatios))
    .addOption(new Option('--format <format>', 'The format of the file.').choices(imageOutputFormats))
    .option('--count <number>', 'How many pictures, 1 to 4.', parseWholeNumber(1, 4))
    .option('--image <file-or-url...>', 'Reference pictures; files are uploaded.', [])
    .option('--output <folder>', 'Where to write the pictures.', '.');
  return addConnectionOptions(command);
}

async function generate(
  { client }: Connection,
  asked: Pick<PayloadInput, 'prompt' | 'previous_request_id'>,
  options: GenerateOptions,
): Promise<void> {
  const progress = createProgress();
  try {
    const { model, size, ratio, format, count } = options;
    const image = await Promise.all(options.image.map((reference) => toReference(client, reference)));
    const submitted = await client.submit({
      ...(model && { model }),
      payload: {
        ...asked,
        ...(image.length > 0 && { image }),
        ...(size && { image_size: size }),
        ...(ratio && { aspect_ratio: ratio }),
        ...(format && { image_output_format: format }),
        ...(count && { number_of_images: count }),
      },
    });
    progress.show(`${submitted.request_id} queued`);
    const record = await client.wait(submitted.request_id, {
      lookEverySeconds: 1,
      onRecord: (record) => progress.show(toProgress(record)),
    });
    progress.end();
    for (const file of await writePictures(record, options.output)) console.log(file);
  } finally {
    progress.end();
  }
}

function toProgress({ request_id, status, queue }: RequestRecord): string {
  return `${request_id} ${status}${queue ? `: ${queue.message}` : ''}`;
}

/** A URL as it is; a file as the URL of its upload. */
async function toReference(client: Darkroom, reference: string): Promise<string> {
  if (/^(https?|gs|data):/i.test(reference)) return reference;
  const bytes = await readFile(reference);
  const type = sniffImageType(bytes)?.slice('image/'.length);
  if (!isUploadType(type)) throw new Error(`${reference} is not a PNG, JPEG, WebP, HEIC or HEIF picture.`);
  return client.upload({ bytes: new Uint8Array(bytes), type });
}

function isUploadType(type: string | undefined): type is UploadType {
  return type !== undefined && Object.hasOwn(uploadTypes, type);
}

async function writePictures(record: RequestRecord, folder: string): Promise<readonly string[]> {
  if (record.status !== 'success')
    throw new Error(`${record.request_id} ${record.status}: ${record.error ?? 'no picture was made'}`);
  const outcome = record.outcome as SuccessOutcomeRecord; // the wire gives a success this outcome
  for (const missing of outcome.missing ?? []) console.error(`One picture is missing: ${missing.message}`);
  await mkdir(folder, { recursive: true });
  return Promise.all(
    outcome.media_urls.map(({ id, url }) => download(url, path.join(folder, `${record.request_id}-${id}`))),
  );
}

/** Downloads to a temporary name first: a file with its final name is whole. */
async function download(url: string, nameWithoutExtension: string): Promise<string> {
  const response = await fetch(url);
  if (!response.ok || !response.body) throw new Error(`The picture at ${url} could not be read: ${response.status}`);
  const file = `${nameWithoutExtension}${path.extname(new URL(url).pathname)}`;
  await pipeline(Readable.fromWeb(response.body), createWriteStream(`${file}.part`));
  await rename(`${file}.part`, file);
  return file;
}
