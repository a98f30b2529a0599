import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { groupDigits, maxReferenceBytes } from '@darkroom/protocol';
import { type FindOwnLimits, type OneLimit, toSubject } from '../core/limits.ts';
import { organizationFactor } from '../core/organization.ts';
import { assertShare } from '../core/overload.ts';
import { Problem } from '../core/problem.ts';
import type { Clock } from '../platform/clock.ts';
import type { DiskShares } from '../platform/disk-shares.ts';
import type { NewUpload, UploadOwner, UploadStore } from '../store/upload-store.ts';
import type { MediaStore, SpooledMedia } from './media-store.ts';
import { createPictureName, toImageType, toPictureKey } from './picture-name.ts';
import { ReferenceFailure } from './references/reference-failure.ts';
import { type SpooledPicture, spoolPicture } from './references/spool-picture.ts';
import { hashFile } from './sha256.ts';
import type { ImageType } from './sniff-image-type.ts';
import type { AssertStorageRoom } from './storage-room.ts';

export interface UploadOptions {
  readonly media: MediaStore;
  readonly uploads: UploadStore;
  readonly findOwnLimits: FindOwnLimits;
  readonly assertStorageRoom: AssertStorageRoom;
  /**
   * Bytes of uploads that no request has used, of a key without a limit of its own; its organization may have
   * `organizationFactor` times as many.
   */
  readonly maxUnusedUploadBytes: number;
  readonly unusedUploadMs: number;
  readonly spoolFolder: string;
  readonly headroom: DiskShares;
  readonly clock: Clock;
}

/** A picture that a caller sent, in the media store. It ends after some time, unless a request uses it. */
export interface ReceivedUpload {
  readonly name: string;
  /** By its bytes. */
  readonly mimeType: ImageType;
  readonly bytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
  /** When it ends, in milliseconds since 1970. */
  readonly endsAt: number;
}

/**
 * Stores a picture as it arrives. A payload refers to it by its URL. Rejects with a `Problem` when it is not a picture or too large,
 * or when the key has no room for it; then nothing is stored.
 */
export type ReceiveUpload = (owner: UploadOwner, source: AsyncIterable<Uint8Array>) => Promise<ReceivedUpload>;

/** A stored upload, as its owner can find it. */
export type FoundUpload = Pick<ReceivedUpload, 'name' | 'mimeType' | 'bytes'>;

/** The upload of this name; `undefined` when the organization has none, or when its bytes have not come or its time is over. */
export type FindUpload = (owner: Pick<UploadOwner, 'organizationId'>, name: string) => Promise<FoundUpload | undefined>;

export function createFindUpload({ media, uploads }: Pick<UploadOptions, 'media' | 'uploads'>): FindUpload {
  return async ({ organizationId }, name) => {
    if ((await uploads.findOwner(name))?.organizationId !== organizationId) return undefined;
    const found = await media.find(name);
    return found && { name, mimeType: toImageType(name), bytes: found.bytes };
  };
}

export function createReceiveUpload(options: UploadOptions): ReceiveUpload {
  const { headroom, spoolFolder, clock, unusedUploadMs } = options;
  return async (owner, source) => {
    assertShare(headroom, owner.organizationId, maxReferenceBytes);
    const folder = await mkdtemp(path.join(spoolFolder, 'upload-'));
    try {
      const spooled = await receivePicture(source, folder);
      const name = createPictureName(spooled.mimeType);
      const endsAt = clock.now() + unusedUploadMs;
      await grantUpload({ name, via: 'service', endsAt }, owner, options);
      const sha256 = await keepUpload(spooled, name, options);
      return { name, mimeType: spooled.mimeType, bytes: spooled.file.bytes, sha256, endsAt };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
}

/** Receives a picture into a file of the folder. Rejects with a `Problem` when it is not a picture or too large. */
export async function receivePicture(source: AsyncIterable<Uint8Array>, folder: string): Promise<SpooledPicture> {
  try {
    return await spoolPicture(source, { folder, maxBytes: maxReferenceBytes });
  } catch (error) {
    if (!(error instanceof ReferenceFailure)) throw error;
    throw error.isTooLarge
      ? createTooLarge()
      : new Problem('invalid_request', `The bytes cannot be accepted: ${error.message}.`);
  }
}

/** Records the owner of the address. It counts as the largest picture until one has arrived. */
export async function grantUpload(
  upload: Pick<NewUpload, 'name' | 'via' | 'endsAt'>,
  { apiKeyId, organizationId }: UploadOwner,
  { uploads, findOwnLimits, assertStorageRoom, maxUnusedUploadBytes: ofKey }: UploadOptions,
): Promise<void> {
  const owner = { apiKeyId, organizationId };
  const own = await findOwnLimits(owner);
  await assertStorageRoom(owner, own, maxReferenceBytes);
  const values = {
    ofKey: own.ofKey.unused_upload_bytes ?? ofKey,
    ofOrganization: own.ofOrganization.unused_upload_bytes ?? ofKey * organizationFactor,
  };
  const exceeded = await uploads.grant({ ...upload, ...owner, bytes: maxReferenceBytes }, values);
  if (exceeded) throw toFullProblem({ of: exceeded, value: exceeded === 'key' ? values.ofKey : values.ofOrganization });
}

function toFullProblem(limit: OneLimit): Problem {
  return new Problem(
    'uploads_full',
    `${toSubject(limit)} may have ${toMegabytes(limit.value)} MB of uploads that no request has used yet, and there is no room for another one: use them in requests, or wait until they end.`,
    { retryAfterSeconds: fullRetrySeconds, limit: { name: 'unused_upload_bytes', ...limit } },
  );
}

/** Addresses at which nothing was uploaded end within minutes. */
const fullRetrySeconds = 60;

function toMegabytes(bytes: number): string {
  return groupDigits(Math.floor(bytes / 2 ** 20));
}

/**
 * A picture's URL is cached for ever, so the picture can be sent again but not changed: the first complete one takes the name,
 * and only its bytes are ever stored under it. The same bytes are stored again when a process was killed before, or the storage
 * has lost some of them. Resolves to their SHA-256.
 */
export async function keepUpload(
  { file }: SpooledMedia,
  name: string,
  { media, uploads, clock, unusedUploadMs }: UploadOptions,
): Promise<string> {
  const sha256 = await hashFile(file.path);
  const taken = await uploads.take(name, { bytes: file.bytes, sha256, endsAt: clock.now() + unusedUploadMs });
  if (taken === 'missing') throw createExpired();
  if (taken === 'conflict')
    throw new Problem('upload_conflict', 'A different picture was already uploaded here: ask for another address.');
  if ((await media.find(name))?.bytes !== file.bytes) await media.keepAsIs(file, toImageType(name), name);
  await uploads.keepLength(name, file.bytes);
  // It may have been deleted while it was stored.
  if (!(await uploads.findOwner(name))) {
    await media.discardStored([toPictureKey(name)]);
    throw createExpired();
  }
  return sha256;
}

export function createExpired(): Problem {
  return new Problem('unauthorized', 'This upload address has expired: ask for another one.');
}

export function createTooLarge(): Problem {
  return new Problem('body_too_large', 'The picture is larger than 7 MB.');
}
