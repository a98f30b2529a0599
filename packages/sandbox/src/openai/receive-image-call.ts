import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { decodeJson, JsonDecodeError, type SpoolFile } from '@darkroom/json-stream';
import { Busboy, type BusboyFileStream, type BusboyHeaders } from '@fastify/busboy';
import { refuse, refuseAsTooLarge, refuseParameter } from './refusals.ts';

/** A call as it came: its parameters, and the files of a form. */
export interface ReceivedCall {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly pictures: readonly SpoolFile[];
  readonly mask?: SpoolFile;
}

const maxFormBytes = 900 * 1024 * 1024;
const maxJsonBytes = 4 * 1024 * 1024;
const maxPictures = 16;

/**
 * Reads a call, and passes it to `fill`. The pictures of a form are files until then; no file is left when this resolves or rejects.
 * It rejects with a `Refusal` when the body is not accepted.
 */
export async function receiveImageCall<T>(
  request: IncomingMessage,
  { folder, isEdit }: { readonly folder: string; readonly isEdit: boolean },
  fill: (call: ReceivedCall) => Promise<T>,
): Promise<T> {
  await mkdir(folder);
  try {
    return await fill(isEdit ? await receiveForm(request, folder) : await receiveJson(request, folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function receiveJson(request: IncomingMessage, folder: string): Promise<ReceivedCall> {
  const limits = { maxBytes: maxJsonBytes, maxFileBytes: 0, maxJsonBytes };
  const body = request.iterator({ destroyOnReturn: false });
  const value = await decodeJson(body, { folder, spool: () => undefined, ...limits }).catch((error: unknown) => {
    throw error instanceof JsonDecodeError ? refuseBody() : error;
  });
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refuseBody();
  return { fields: value as Readonly<Record<string, unknown>>, pictures: [] }; // an object, as was looked at
}

function refuseBody() {
  return refuse(400, {
    type: 'invalid_request_error',
    message: 'We could not parse the JSON body of your request.',
  });
}

async function receiveForm(request: IncomingMessage, folder: string): Promise<ReceivedCall> {
  if (Number(request.headers['content-length']) > maxFormBytes) throw refuseAsTooLarge();
  const parser = createParser(request);
  const fields: Record<string, unknown> = {};
  const files: Promise<{ readonly name: string; readonly file: SpoolFile }>[] = [];
  parser.on('field', (name, value) => {
    fields[name] = value;
  });
  parser.on('file', (name, stream) => files.push(keepFile(name, stream, join(folder, `picture-${files.length}`))));
  try {
    await pipeline(request.iterator({ destroyOnReturn: false }), parser);
  } catch (cause) {
    await Promise.allSettled(files);
    throw refuse(400, { type: 'invalid_request_error', message: `Could not parse multipart form: ${String(cause)}` });
  }
  const kept = await Promise.all(files);
  const pictures = kept.flatMap(({ name, file }) => (/^image(?:\[\d*\])?$/.test(name) ? [file] : []));
  if (pictures.length > maxPictures) throw refuseParameter('image', `You can provide up to ${maxPictures} images.`);
  const mask = kept.find(({ name }) => name === 'mask')?.file;
  return { fields, pictures, ...(mask && { mask }) };
}

function createParser({ headers }: IncomingMessage) {
  try {
    return new Busboy({
      headers: headers as BusboyHeaders,
      limits: { files: maxPictures + 2, fieldSize: 1024 * 1024 },
    }); // it throws when the type is missing
  } catch {
    throw refuse(400, {
      type: 'invalid_request_error',
      message: 'Invalid Content-Type: an edit is a form, multipart/form-data.',
    });
  }
}

async function keepFile(name: string, stream: BusboyFileStream, path: string) {
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  await pipeline(stream, createWriteStream(path));
  return { name, file: { path, bytes } };
}
