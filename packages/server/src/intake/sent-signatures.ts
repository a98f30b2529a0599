import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Payload, signatureNames } from '@darkroom/protocol';
import type { InlinePicture } from '../core/image-request.ts';
import type { MediaStore } from '../media/media-store.ts';
import { createSecret } from '../platform/ids.ts';
import type { SpoolFolder } from '../recovery/spool-folder.ts';

/** The place of a signature that a caller sent with a part of the model. */
export interface SignaturePlace {
  readonly path: InlinePicture['path'];
  readonly text: string;
  /** Nothing of it stays in the payload. */
  readonly kept: '';
  /** The index of its turn. */
  readonly turn: number;
}

/** The signatures of the model's turns. Parts of the user have none: what is sent with them means nothing. */
export function findSignatures({ contents = [] }: Payload): readonly SignaturePlace[] {
  return contents.flatMap(({ role, parts }, turn) =>
    (role === 'model' ? parts : []).flatMap((part, index) =>
      signatureNames.flatMap((name): SignaturePlace[] => {
        const text = part[name];
        if (typeof text !== 'string' || text === '') return [];
        return [{ path: ['contents', turn, 'parts', index, name], text, kept: '', turn }];
      }),
    ),
  );
}

/** Stores signatures as they are spelled in JSON, which is how the upstream gets them again. */
export async function storeSignatures(
  places: readonly SignaturePlace[],
  {
    media,
    folder,
    requestId,
  }: { readonly media: MediaStore; readonly folder: SpoolFolder; readonly requestId: string },
): Promise<readonly InlinePicture[]> {
  const stored: InlinePicture[] = [];
  for (const place of places) {
    const spelled = JSON.stringify(place.text).slice(1, -1);
    const file = { path: path.join(folder.path, createSecret()), bytes: Buffer.byteLength(spelled) };
    await writeFile(file.path, spelled, { flag: 'wx' });
    const name = await media.keepSignature(file, { onKeys: (keys) => folder.announce(keys, { requestId }) });
    stored.push({ path: place.path, name, isSignature: true });
  }
  return stored;
}
