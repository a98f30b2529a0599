import type { CallOptions } from './call.ts';
import { type UploadType, uploadTypes } from './shapes.ts';

/** The bytes of a picture. This includes `File` and Node's `Buffer`. */
export type UploadSource = Blob | ArrayBuffer | Uint8Array;

export interface UploadOptions extends CallOptions {
  /** The type of the picture. Default: the type of its `Blob`, or what its first bytes say. */
  readonly type?: UploadType;
}

/** Finds the type by that of the `Blob`, or else by the first bytes. Throws when the picture cannot be uploaded. */
export async function findUploadType(picture: Blob): Promise<UploadType> {
  const named = Object.entries(uploadTypes).find(([, mimeType]) => mimeType === picture.type)?.[0];
  if (isUploadType(named)) return named;
  const start = String.fromCharCode(...new Uint8Array(await picture.slice(0, 12).arrayBuffer()));
  const found = signatures.find(({ pattern }) => pattern.test(start));
  if (found) return found.type;
  throw new TypeError('This is not a PNG, JPEG, WebP, HEIC or HEIF picture.');
}

export function toBlob(source: UploadSource): Blob {
  // `Blob` itself refuses a `Uint8Array` over shared memory.
  return source instanceof Blob ? source : new Blob([source as Uint8Array<ArrayBuffer> | ArrayBuffer]);
}

/** Follow the server's rules. The server looks closer and says what is wrong. */
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
