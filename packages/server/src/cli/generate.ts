import { RequestFailedError, type Submission } from '@darkroom/client';
import type { PayloadInput, RequestRecord, SuccessOutcomeRecord, TierChoice } from '@darkroom/protocol';
import { type AskedFormat, askedFormats } from '@darkroom/protocol/pixels';
import { tierChoices } from '@darkroom/protocol/service-tiers';
import { type Command, Option } from 'commander';
import { addConnectionOptions, type Connection, withOwnConnection } from './connect.ts';
import { develop } from './develop.ts';
import { writePictures } from './pictures.ts';
import { chooseDrawing, type Drawing, drawings, drawPicture } from './terminal-picture.ts';
import { parseWholeNumber } from './whole-number.ts';

interface GenerateOptions {
  readonly model?: string;
  readonly size?: string;
  readonly ratio?: string;
  readonly format?: AskedFormat;
  readonly count?: number;
  readonly image: readonly string[];
  readonly deadline?: number;
  readonly priority?: number;
  readonly tier?: TierChoice;
  /** False when no other model may make the picture. */
  readonly fallback: boolean;
  readonly output: string;
  readonly show?: Drawing | 'none';
  readonly json?: true;
}

export function registerGenerate(program: Command): void {
  const command = program
    .command('generate')
    .description('Make a picture from a prompt and write it to a file.')
    .argument('<prompt>', 'What the picture should show.');
  addPictureOptions(command).action((prompt: string, options: GenerateOptions) =>
    withOwnConnection(command, (connection) => generate(connection, { prompt }, options)),
  );
}

export function registerEdit(program: Command): void {
  const command = program
    .command('edit')
    .description('Change the picture of an earlier request and write the new one to a file.')
    .argument('<request>', 'The request whose picture to change.')
    .argument('<prompt>', 'What to change.');
  addPictureOptions(command).action((id: string, prompt: string, options: GenerateOptions) =>
    withOwnConnection(command, (connection) => generate(connection, { prompt, previous_request_id: id }, options)),
  );
}

function addPictureOptions(command: Command): Command {
  command
    .option('--model <id>', 'The model. (default: gemini-3-pro-image-preview)')
    .option('--size <size>', 'The resolution, such as 2K. `darkroom models` lists the resolutions of each model.')
    .option('--ratio <ratio>', 'The aspect ratio, width to height, such as 16:9.')
    .addOption(
      new Option('--format <format>', 'The format of the file; original: as the model sends it.').choices(askedFormats),
    )
    .option('--count <number>', 'How many pictures to make, 1 to 4.', parseWholeNumber(1, 4))
    .option('--image <file-or-url...>', 'Reference pictures; files are uploaded.', [])
    .option('--deadline <seconds>', 'Give up if the request is not done by then.', parseWholeNumber(1, 604_800))
    .option('--priority <number>', '-10 to 10; requests with a higher priority go first.', parseWholeNumber(-10, 10))
    .addOption(
      new Option(
        '--tier <tier>',
        'The service tier. flex costs half and may take long; cheapest is the cheapest tier that meets the deadline.',
      ).choices(tierChoices),
    )
    .option('--no-fallback', 'Do not let another model make the picture if this one cannot be called.')
    .option('--output <folder>', 'Where to write the pictures.', '.')
    .addOption(
      new Option(
        '--show <how>',
        'How to draw the pictures in the terminal. (default: the best way it supports)',
      ).choices([...drawings, 'none']),
    )
    .option('--json', 'Print JSON, and draw nothing.');
  return addConnectionOptions(command);
}

type Asked = Pick<PayloadInput, 'prompt' | 'previous_request_id'>;

async function generate(connection: Connection, asked: Asked, options: GenerateOptions): Promise<void> {
  const { client } = connection;
  const record = await develop(connection, {
    references: options.image,
    toSubmission: (image) => toSubmission(asked, image, options),
  });
  if (record.status !== 'success') throw new RequestFailedError(record);
  const { missing = [] } = record.outcome as SuccessOutcomeRecord; // the wire gives a success this outcome
  for (const { message } of missing) console.error(`One picture is missing: ${message}`);
  const files = await writePictures(client, record, options.output);
  if (options.json) console.log(toJson(record, files));
  else await showPictures(files, options.show ?? chooseDrawing(process.stdout));
}

function toSubmission(asked: Asked, image: readonly string[], options: GenerateOptions): Submission {
  const { model, size, ratio, format, count, deadline, priority, tier, fallback } = options;
  return {
    ...(model && { model }),
    ...(deadline !== undefined && { deadlineSeconds: deadline }),
    ...(priority !== undefined && { priority }),
    ...(tier && { serviceTier: tier }),
    ...(!fallback && { fallback }),
    payload: {
      ...asked,
      ...(image.length > 0 && { image: [...image] }),
      ...(size && { image_size: size }),
      ...(ratio && { aspect_ratio: ratio }),
      ...(format && { image_output_format: format }),
      ...(count && { number_of_images: count }),
    },
  };
}

/** Prints the name of each file below its picture. */
async function showPictures(files: readonly string[], drawing: Drawing | 'none' = 'none'): Promise<void> {
  const { columns = 80, rows = 24 } = process.stdout;
  for (const file of files) {
    if (drawing !== 'none') process.stdout.write(await drawPicture(file, drawing, { columns, rows }));
    console.log(file);
  }
}

function toJson({ request_id, status, cost_usd }: RequestRecord, files: readonly string[]): string {
  return JSON.stringify({ request_id, status, cost_usd, files }, null, 2);
}
