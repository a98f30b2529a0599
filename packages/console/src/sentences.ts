import { DarkroomError } from '@darkroom/client';

/** What went wrong, as a sentence for the reader. It uses the labels of the forms, not the keys of the wire. */
export function toSentence(error: unknown): string {
  if (!(error instanceof DarkroomError)) return 'Darkroom does not answer. Is it running?';
  const { details = [] } = error;
  if (details.length === 0) return error.message;
  return details.map(({ path, message }) => `${toWords(path)} ${message}.`).join(' ');
}

/** Whether the server cannot be reached, from here or from a proxy in between. */
export function isAway(error: unknown): boolean {
  if (!(error instanceof DarkroomError)) return true;
  return error.code === undefined && gatewayStatuses.has(error.status);
}

const gatewayStatuses: ReadonlySet<number> = new Set([502, 503, 504]);

/** The label of the forms for a key of the wire: `payload.image_size` is the size. */
function toWords(path: string): string {
  const key =
    path
      .replace(/\[\d+\]/g, '')
      .split('.')
      .at(-1) ?? path;
  return `The ${names[key] ?? key.replaceAll('_', ' ')}`;
}

const names: Readonly<Record<string, string>> = {
  prompt: 'text',
  image: 'list of references',
  image_size: 'size',
  aspect_ratio: 'shape',
  image_output_format: 'format',
  number_of_images: 'number of pictures',
  url: 'address',
  organization_ids: 'list of organizations',
  requests_per_minute: 'number of requests per minute',
  limit_usd: 'number of dollars',
};
