import type { UploadReply } from '@darkroom/protocol';
import { createPictureName } from '../media/picture-name.ts';
import type { ImageType } from '../media/sniff-image-type.ts';
import { grantUpload, type UploadOptions } from '../media/uploads.ts';
import type { UploadOwner } from '../store/upload-store.ts';
import { toUploadPath } from './upload-grant.ts';

export interface UploadAddressOptions extends UploadOptions {
  readonly uploadSecret: string;
  readonly publicUrl: () => string;
}

/**
 * Makes an address to which a picture of this type can be uploaded without a key, and the one at which it can be read and referred
 * to afterwards. A bucket that clients can reach receives the picture itself; it is checked when a request uses it. Rejects with a
 * `Problem` when the owner has no room for another upload.
 */
export type GrantUploadAddress = (owner: UploadOwner, type: ImageType) => Promise<UploadReply>;

const grantSeconds = 15 * 60;
/** An upload that began in time may end this much later. */
const slackMs = 5 * 60_000;

export function createUploadAddresses(options: UploadAddressOptions): GrantUploadAddress {
  const { media, uploadSecret, publicUrl, clock, unusedUploadMs } = options;

  const toOwnAddress = (name: string, expiresAt: number) => ({
    name,
    url: `${publicUrl()}${toUploadPath({ name, expiresAt }, uploadSecret)}`,
  });

  return async (owner, type) => {
    const signed = await media.signUpload(type, grantSeconds);
    const expiresAt = clock.now() + grantSeconds * 1_000;
    const { name, url } = signed ?? toOwnAddress(createPictureName(type), expiresAt);
    const ways = signed
      ? ({ via: 'bucket', endsAt: clock.now() + unusedUploadMs } as const)
      : ({ via: 'service', endsAt: expiresAt + slackMs } as const);
    await grantUpload({ name, ...ways }, owner, options);
    return { upload_url: url, public_url: media.toAddress(name, publicUrl()).url };
  };
}
