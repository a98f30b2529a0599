import type { SpoolFile } from '@darkroom/json-stream';
import type { AskedFormat, Pixels } from '@darkroom/protocol';
import type { MaskedPicture } from '../core/masked-picture.ts';
import type { Plan } from './codec/develop-picture.ts';
import type { PictureHead } from './codec/picture-head.ts';
import { contentTypes, extensions, toKey, toPictureKey } from './picture-name.ts';

/** A picture of an answer, in the spool folder. */
export interface SpooledAnswer {
  readonly file: SpoolFile;
  readonly signature?: SpoolFile;
}

/** What the request asked the picture to be. */
export interface AskedPicture {
  readonly format: AskedFormat;
  /** Of the encoder, from 1 to 100. A picture that has the format already is then encoded again. */
  readonly quality?: number;
  /** What is put back into the picture. The model's own picture and its signature are then not stored: nobody is shown them. */
  readonly masked?: MaskedPicture;
  /** Missing where the model does not promise any. */
  readonly pixels?: Pixels;
}

/** A picture that was developed or, without `shown`, that is being developed. */
export interface DevelopedPicture extends Plan {
  readonly picture: SpooledAnswer;
  readonly head: PictureHead;
  readonly asked: AskedPicture;
}

export interface NewObject {
  readonly key: string;
  /** Missing while it is being made. */
  readonly file?: SpoolFile | undefined;
  readonly contentType: string;
}

/** The objects of a picture in the order in which they are written: once the last can be seen, all can. */
export function toObjects(id: string, { picture, head, asked, format, shown }: DevelopedPicture) {
  const name = `${id}.${extensions[contentTypes[format]]}`;
  const original: NewObject | undefined =
    shown === picture.file || asked.masked
      ? undefined
      : { key: toKey('originals', `${id}.${extensions[head.type]}`), file: picture.file, contentType: head.type };
  const signature: NewObject | undefined =
    picture.signature && !asked.masked
      ? { key: toKey('signatures', id), file: picture.signature, contentType: 'text/plain' }
      : undefined;
  const last: NewObject = { key: toPictureKey(name), file: shown, contentType: contentTypes[format] };
  return { name, original, signature, objects: [signature, original, last].filter((object) => object !== undefined) };
}
