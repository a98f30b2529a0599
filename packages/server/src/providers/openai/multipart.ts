import { createReadStream } from 'node:fs';
import type { SpoolFile } from '@darkroom/json-stream';
import { createSecret } from '../../platform/ids.ts';

export interface FormFile {
  readonly name: string;
  readonly fileName: string;
  readonly mimeType: string;
  readonly file: SpoolFile;
}

export interface EncodedForm {
  readonly contentType: string;
  /** The exact length of the body. */
  readonly bytes: number;
  /** The body. Files are read while it is sent; rejects when one differs from its description. */
  readonly chunks: () => AsyncGenerator<Uint8Array>;
}

/** Small, so that sent slabs are soon collected. */
const slabBytes = 48 * 1024;

/** A form of texts and files. No file is in memory as a whole. */
export function encodeForm(fields: Readonly<Record<string, string>>, files: readonly FormFile[]): EncodedForm {
  const boundary = `darkroom-${createSecret()}`;
  const texts = Object.entries(fields).map(([name, value]) => toHead(boundary, name) + value + lineEnd);
  const heads = files.map(({ name, fileName, mimeType }) =>
    toHead(boundary, `${name}"; filename="${fileName}`, `Content-Type: ${mimeType}${lineEnd}`),
  );
  const around = [texts.join(''), ...heads.map((head) => head + lineEnd), `--${boundary}--${lineEnd}`];
  const bytes =
    around.reduce((sum, text) => sum + Buffer.byteLength(text), 0) +
    files.reduce((sum, { file }) => sum + file.bytes, 0);
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    bytes,
    chunks: () => joinParts({ start: around[0] ?? '', heads, files, end: around.at(-1) ?? '' }),
  };
}

const lineEnd = '\r\n';

function toHead(boundary: string, name: string, more = ''): string {
  return `--${boundary}${lineEnd}Content-Disposition: form-data; name="${name}"${lineEnd}${more}${lineEnd}`;
}

interface Parts {
  readonly start: string;
  readonly heads: readonly string[];
  readonly files: readonly FormFile[];
  readonly end: string;
}

async function* joinParts({ start, heads, files, end }: Parts): AsyncGenerator<Uint8Array> {
  yield Buffer.from(start);
  for (const [index, { file }] of files.entries()) {
    yield Buffer.from(heads[index] ?? '');
    yield* readFile(file);
    yield Buffer.from(lineEnd);
  }
  yield Buffer.from(end);
}

async function* readFile(file: SpoolFile): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const slab of createReadStream(file.path, { highWaterMark: slabBytes })) {
    const chunk = slab as Buffer; // a stream without an encoding
    bytes += chunk.length;
    if (bytes > file.bytes) break;
    yield chunk;
  }
  if (bytes !== file.bytes) throw new Error(`A spool file of ${file.bytes} bytes changed its size before it was sent.`);
}
