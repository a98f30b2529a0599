import { type UploadType, uploadTypes } from '@darkroom/protocol';
import type { CallOptions } from './call.ts';

/** A picture; a `File` and Node's `Buffer` are among these. */
export type UploadSource = Blob | ArrayBuffer | Uint8Array;

export interface UploadOptions extends CallOptions {
  /** What it is; its own type or its first bytes tell when left out. */
  readonly type?: UploadType;
}

/** What the picture is: by the type of its `Blob`, or else by its first bytes. Throws when it is none that can be uploaded. */
export async function findUploadType(picture: Blob): Promise<UploadType> {
  const named = Object.entries(uploadTypes).find(([, mimeType]) => mimeType === picture.type)?.[0];
  if (isUploadType(named)) return named;
  const start = String.fromCharCode(...new Uint8Array(await picture.slice(0, 12).arrayBuffer()));
  const found = signatures.find(({ pattern }) => pattern.test(start));
  if (found) return found.type;
  throw new TypeError('This is not a PNG, JPEG, WebP, HEIC or HEIF picture.');
}

export function toBlob(source: UploadSource): Blob {
  // A `Uint8Array` over shared memory is refused by `Blob` itself.
  return source instanceof Blob ? source : new Blob([source as Uint8Array<ArrayBuffer> | ArrayBuffer]);
}

/** By the server's rules; it looks closer, and says what is wrong. */
const signatures: readonly { readonly pattern: RegExp; readonly type: UploadType }[] = [
  { pattern: /^\x89PNG\r\n/, type: 'png' },
  { pattern: /^\xff\xd8\xff/, type: 'jpeg' },
  { pattern: /^RIFF.{4}WEBP/s, type: 'webp' },
  { pattern: /^.{4}ftyphe/s, type: 'heic' },
  { pattern: /^.{4}ftypm[is]f1/s, type: 'heif' },
];

function isUploadType(name: string | undefined): name is UploadType {
  return name !== undefined && Object.hasOwn(uploadTypes, name);
}
