import type { Readable } from 'node:stream';
import { maxReferenceBytes } from '@darkroom/protocol';
import type { BusboyHeaders } from '@fastify/busboy';
import { createInputProblem } from '../../core/parse-input.ts';
import { createBrokenForm, createFormParser, feedForm } from '../../http/body/form-parser.ts';
import type { ReceivedUpload } from '../../media/uploads.ts';

export interface ReceivedFile {
  readonly upload: ReceivedUpload;
  /** As the client names it. */
  readonly fileName: string;
  readonly metadata: unknown;
}

interface ReceiveOptions {
  readonly headers: BusboyHeaders;
  /** Stores a picture as it arrives. */
  readonly receiveUpload: (source: AsyncIterable<Uint8Array>) => Promise<ReceivedUpload>;
}

const maxMetadataBytes = 16 * 1024;
/** A picture, and what is around it. */
const maxFormBytes = maxReferenceBytes + 1024 * 1024;

/**
 * Reads a form with a picture in `content` and JSON in `metadata`. The picture is stored while it arrives. A refused form is still
 * read to its end, since a client that is refused while it sends may never read the answer.
 */
export async function receiveFile(stream: Readable, { headers, receiveUpload }: ReceiveOptions): Promise<ReceivedFile> {
  const limits = { files: 1, fields: 4, fieldSize: maxMetadataBytes, headerPairs: 20 };
  const parser = await createFormParser({ headers, isPartAFile: (name) => name === 'content', limits });
  let content: { readonly stored: Promise<ReceivedUpload>; readonly fileName: string } | undefined;
  let metadata: unknown = {};
  parser.on('file', (name, file, fileName) => {
    // A failure of the form is an error of the file as well.
    file.on('error', () => undefined);
    if (name !== 'content' || content) return void file.resume();
    const stored = receiveUpload(file);
    // It is awaited when the form was read. Until then the rest of the file must not hold up the form.
    stored.catch(() => file.resume());
    content = { stored, fileName };
    parser.once('error', () => file.destroy(createBrokenForm()));
  });
  parser.on('field', (name, value) => {
    if (name === 'metadata') metadata = parseMetadata(value);
  });
  await feedForm(parser, stream, maxFormBytes);
  if (!content) throw createInputProblem([{ path: 'content', message: 'is missing: send the picture' }]);
  return { upload: await content.stored, fileName: content.fileName, metadata };
}

function parseMetadata(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
