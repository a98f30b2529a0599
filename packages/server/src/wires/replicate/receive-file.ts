import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { maxReferenceBytes } from '@darkroom/protocol';
import { Busboy, type BusboyHeaders } from '@fastify/busboy';
import { createInputProblem } from '../../core/parse-input.ts';
import { Problem } from '../../core/problem.ts';
import { createTooLarge, type ReceivedUpload } from '../../media/uploads.ts';

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
  const parser = createParser(headers);
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
    parser.once('error', () => file.destroy(createBroken()));
  });
  parser.on('field', (name, value) => {
    if (name === 'metadata') metadata = parseMetadata(value);
  });
  await feed(parser, stream);
  if (!content) throw createInputProblem([{ path: 'content', message: 'is missing: send the picture' }]);
  return { upload: await content.stored, fileName: content.fileName, metadata };
}

function createParser(headers: BusboyHeaders) {
  try {
    const limits = { files: 1, fields: 4, fieldSize: maxMetadataBytes, headerPairs: 20 };
    return new Busboy({ headers, isPartAFile: (name) => name === 'content', limits });
  } catch {
    throw new Problem('invalid_request', 'The form has no boundary: its Content-Type must name one.');
  }
}

/** Resolves when the parser has read all of the body. When it rejects, the rest of the body is read and dropped. */
async function feed(parser: ReturnType<typeof createParser>, body: Readable): Promise<void> {
  const finished = once(parser, 'finish');
  // It is awaited below; an error before that is not unhandled, and nor are those that follow.
  finished.catch(() => undefined);
  parser.on('error', () => undefined);
  try {
    let bytes = 0;
    for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxFormBytes) throw createTooLarge();
      if (!parser.write(chunk)) await Promise.race([once(parser, 'drain'), finished]);
    }
    parser.end();
    await finished;
  } catch (error) {
    body.resume();
    const problem = error instanceof Problem ? error : createBroken();
    parser.emit('error', problem);
    throw problem;
  }
}

function parseMetadata(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

function createBroken(): Problem {
  return new Problem('invalid_request', 'The form is broken, or did not come whole.');
}
