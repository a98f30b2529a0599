import { type EncodedJson, encodeJson } from '@darkroom/json-stream';
import type { Failure } from '../../../core/failures.ts';
import { readText } from '../../read-answer.ts';
import type { GoogleClient } from './google-client.ts';

/** The lines of an input file. */
export interface InputFile {
  /** Of the file, from which its name follows. */
  readonly id: string;
  readonly lines: readonly EncodedJson[];
}

/** A name that we choose, so that a file whose upload was cut off can be removed. */
export function toFileName(id: string): string {
  return `files/${id}`;
}

const lineBreak = Buffer.from('\n');

export function toFileBytes(lines: readonly EncodedJson[]): number {
  return lines.reduce((sum, { bytes }) => sum + bytes + lineBreak.length, 0);
}

/** Uploads the file, streamed. Resolves to what was wrong, if anything was. Rejects as `GoogleClient.send` does. */
export async function uploadInputFile(
  { id, lines }: InputFile,
  { client, signal }: { readonly client: GoogleClient; readonly signal: AbortSignal },
): Promise<Failure | undefined> {
  const bytes = toFileBytes(lines);
  const started = await client.send(
    {
      method: 'POST',
      url: `${client.toRootUrl('upload/')}/files`,
      headers: {
        'x-goog-upload-protocol': 'resumable',
        'x-goog-upload-command': 'start',
        'x-goog-upload-header-content-length': String(bytes),
        'x-goog-upload-header-content-type': 'application/jsonl',
      },
      body: JSON.stringify({ file: { name: toFileName(id), displayName: id, mimeType: 'application/jsonl' } }),
    },
    signal,
  );
  const address = started.response.header('x-goog-upload-url');
  if (started.response.status !== 200) return client.toFailure(started);
  await readText(started.response.body, client.reading.limits.maxTextBytes);
  const url = address === undefined ? undefined : toOwnHost(address, client.toRootUrl());
  if (url === undefined)
    return { code: 'upstream_answer_invalid', message: 'The upstream has named no address for the file of a job.' };
  const headers = {
    'x-goog-upload-offset': '0',
    'x-goog-upload-command': 'upload, finalize',
    'content-type': 'application/jsonl',
    'content-length': String(bytes),
  };
  const sent = await client.send({ method: 'POST', url, headers, body: joinLines(lines) }, signal);
  if (sent.response.status !== 200) return client.toFailure(sent);
  await readText(sent.response.body, client.reading.limits.maxTextBytes);
  return undefined;
}

/** The credentials go nowhere else; a relay cannot know its own address either. */
function toOwnHost(address: string, rootUrl: string): string | undefined {
  const url = URL.parse(address);
  if (!url) return undefined;
  const { protocol, host } = new URL(rootUrl);
  url.protocol = protocol;
  url.host = host;
  return url.href;
}

async function* joinLines(lines: readonly EncodedJson[]): AsyncGenerator<Uint8Array> {
  for (const line of lines) {
    yield* line.chunks();
    yield lineBreak;
  }
}

/** The body that names an input file, or has the calls inside. */
export function toCreateBody(id: string, input: object): EncodedJson {
  return encodeJson({ batch: { displayName: toDisplayName(id), inputConfig: input } });
}

/** By which our jobs are known among others of the same account. */
export function toDisplayName(id: string): string {
  return `darkroom-${id}`;
}
