import type { MediaRecord } from '@darkroom/protocol';
import { type Failure, failureKinds } from '../../../core/failures.ts';
import type { StoredPicture } from '../../../core/stored-picture.ts';
import type { MediaStore } from '../../../media/media-store.ts';
import { toFailureRecord } from './failure.ts';

/** Where pictures can be read. */
export interface MediaPlaces {
  readonly publicUrl: string;
  readonly media: Pick<MediaStore, 'toAddress' | 'open' | 'openObject'>;
  /** The names of the pictures whose files the storage has lost. */
  readonly lost?: ReadonlySet<string> | undefined;
  /** Have the pictures gone before their record? */
  readonly areDeleted?: boolean;
}

export function toMediaUrls(pictures: readonly StoredPicture[], { publicUrl, media }: MediaPlaces) {
  return pictures.map(({ name }, index) => ({ id: String(index), url: media.toAddress(name, publicUrl).url }));
}

export function toMediaRecords(pictures: readonly StoredPicture[], places: MediaPlaces): MediaRecord[] {
  return pictures.map((picture, index) => toMediaRecord(picture, { index, ...places }));
}

function toMediaRecord(
  { name, format, width, height, bytes, sha256, hasCredentials, asked, flaw }: StoredPicture,
  { index, publicUrl, lost, areDeleted = false }: Omit<MediaPlaces, 'media'> & { readonly index: number },
): MediaRecord {
  const size = asked && `${asked.width}x${asked.height} pixels were asked for; the model made ${width}x${height}.`;
  const notes = [size, flaw].filter((note) => note !== undefined);
  return {
    id: String(index),
    content_type: `image/${format}`,
    width,
    height,
    bytes,
    sha256,
    ...(hasCredentials && { content_credentials: true }),
    // Darkroom also serves it when pictures are read from a bucket, because it is made on first use.
    thumbnail_url: `${publicUrl}/media/${name}/thumbnail`,
    ...(notes.length > 0 && { note: notes.join(' ') }),
    ...(lost?.has(name) && { error: toFailureRecord(lostPicture) }),
    ...(areDeleted && { error: toFailureRecord(deletedPicture) }),
  };
}

const lostPicture: Failure = { code: 'media_lost', message: failureKinds.media_lost.meaning };
const deletedPicture: Failure = { code: 'media_deleted', message: 'The time for which pictures are kept is over.' };
