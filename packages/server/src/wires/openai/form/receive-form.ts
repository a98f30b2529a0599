import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { BusboyHeaders, BusboyInstance } from '@fastify/busboy';
import { createInputProblem } from '../../../core/parse-input.ts';
import { Problem } from '../../../core/problem.ts';
import { createBrokenForm, createFormParser, feedForm } from '../../../http/body/form-parser.ts';
import type { ReceivedUpload } from '../../../media/uploads.ts';
import { FormFields } from './form-fields.ts';
import { readPicturePart } from './picture-part.ts';

export interface FormPorts {
  /** Stores a picture as it arrives. */
  readonly receiveUpload: (source: AsyncIterable<Uint8Array>) => Promise<ReceivedUpload>;
  /** The address by which a payload refers to a stored picture. */
  readonly toUrl: (name: string) => string;
}

export interface ReceivedForm {
  /** The form as the JSON that it means: texts stay texts, and pictures are addresses. */
  readonly body: Readonly<Record<string, unknown>>;
  /**
   * SHA-256 over the fields and the bytes of the pictures, in hexadecimal. The same call has the same hash when it is made again,
   * although its boundary and the addresses of its pictures differ.
   */
  readonly hash: string;
}

/** 16 pictures and a mask, which OpenAI accepts; the model may accept fewer. */
const maxPictures = 17;
const maxFields = 64;
/** 32,000 characters of a prompt in UTF-8. */
const maxFieldBytes = 128 * 1024;

/** The names of the parts that are pictures: `image`, `image[]`, `images[0]`, `mask`. */
const pictureName = /^(image|mask)s?(?:\[\d*\])?$/;

/**
 * Reads a call in multipart/form-data. Its parts may come in any order. A picture goes into the media store while it arrives, as an
 * upload: when the call is refused, nobody uses the upload, and it ends. A refused call is still read to its end, since a client
 * that is refused while it sends may never read the answer.
 */
export async function receiveForm(
  stream: Readable,
  { headers, maxBytes, ...ports }: FormPorts & { readonly headers: BusboyHeaders; readonly maxBytes: number },
): Promise<ReceivedForm> {
  const parser = await createParser(headers);
  const fields = new FormFields();
  const pictures: Promise<readonly Picture[]>[] = [];
  const refusals: string[] = [];
  let isRefused = false;
  parser.on('field', (name, value, _isNameCut, isCut) => {
    if (isCut) refusals.push(`${name} is longer than ${maxFieldBytes / 1024} KiB, or must not be a file`);
    else fields.add(name ?? '', value);
  });
  parser.on('file', (name, file) => {
    // A failure of the form is an error of the file as well.
    file.on('error', () => undefined);
    if (isRefused) return void file.resume();
    const picture = receivePicture(name, file, ports);
    pictures.push(picture);
    // It is awaited when the form was read. Until then the rest of the file must not hold up the form.
    picture.catch(() => {
      isRefused = true;
      file.resume();
    });
    parser.once('error', () => file.destroy(createBrokenForm()));
  });
  parser.on('filesLimit', () => refusals.push(`The form has more than ${maxPictures} pictures`));
  parser.on('fieldsLimit', () => refusals.push(`The form has more than ${maxFields} fields`));
  await feedForm(parser, stream, maxBytes);
  const received = (await Promise.all(pictures)).flat();
  const [refusal] = refusals;
  if (refusal !== undefined) throw new Problem('invalid_request', `${refusal}.`);
  return toForm(fields, received);
}

async function createParser(headers: BusboyHeaders): Promise<BusboyInstance> {
  const parser = await createFormParser({
    headers,
    isPartAFile: (name = '') => pictureName.test(name),
    limits: { files: maxPictures, fields: maxFields, fieldSize: maxFieldBytes, headerPairs: 20 },
  });
  return parser.setMaxListeners(maxPictures + 10);
}

interface Picture {
  readonly role: 'image' | 'mask';
  readonly url: string;
  /** Tells its bytes from others. */
  readonly hash: string;
}

async function receivePicture(
  name: string,
  file: Readable,
  { receiveUpload, toUrl }: FormPorts,
): Promise<readonly Picture[]> {
  const role = name.startsWith('mask') ? 'mask' : 'image';
  const part = await readPicturePart(file);
  if (part.kind === 'empty') return [];
  if (part.kind === 'address') return [{ role, url: part.address, hash: part.address }];
  const upload = await receiveUpload(part.bytes);
  return [{ role, url: toUrl(upload.name), hash: upload.sha256 }];
}

function toForm(fields: FormFields, pictures: readonly Picture[]): ReceivedForm {
  const urls = (role: Picture['role']) => pictures.filter((one) => one.role === role).map(({ url }) => url);
  const [images, masks] = [urls('image'), urls('mask')];
  if (masks.length > 1) throw createInputProblem([{ path: 'mask', message: 'is given twice: send it once' }]);
  const texts = fields.toObject();
  const hashed = [
    Object.keys(texts)
      .toSorted()
      .map((name) => [name, texts[name]]),
    pictures.map(({ role, hash }) => [role, hash]),
  ];
  return {
    body: { ...texts, ...(images.length > 0 && { image: images }), ...(masks.length > 0 && { mask: masks[0] }) },
    hash: createHash('sha256').update(JSON.stringify(hashed)).digest('hex'),
  };
}
