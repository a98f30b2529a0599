import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { maxReferenceBytes, type UploadReply, uploadBodySchema, uploadTypes } from '@darkroom/protocol';
import type { FastifyInstance } from 'fastify';
import { assertShare } from '../../core/overload.ts';
import { parseTolerantly } from '../../core/parse-input.ts';
import { Problem } from '../../core/problem.ts';
import type { SpooledMedia } from '../../media/media-store.ts';
import { createPictureName, toImageType } from '../../media/picture-name.ts';
import {
  createExpired,
  createTooLarge,
  grantUpload,
  keepUpload,
  receivePicture,
  type UploadOptions,
} from '../../media/uploads.ts';
import type { DiskShares } from '../../platform/disk-shares.ts';
import type { Headroom } from '../../platform/headroom.ts';
import { refuseWhenShort } from '../gates.ts';
import { limitUploads } from '../rate-limit.ts';
import { isGrantedBy, toUploadPath } from '../upload-grant.ts';

export interface UploadRoutesOptions extends UploadOptions {
  /** Addresses that a key may ask for in any minute; an organization may ask for `organizationFactor` times as many. */
  readonly uploadsPerMinute: number;
  readonly uploadSecret: string;
  readonly headroom: Headroom & DiskShares;
  readonly publicUrl: () => string;
}

const grantSeconds = 15 * 60;
/** An upload that began in time may end this much later. */
const slackMs = 5 * 60_000;

/**
 * `POST …/upload-url`: an address to which a picture can be uploaded, and the one at which it can be read and referred to
 * afterwards. A bucket that clients can reach receives the picture itself; it is checked when a request uses it.
 */
export function registerUploadGrantRoutes(app: FastifyInstance, options: UploadRoutesOptions): void {
  const { media, uploadSecret, headroom, publicUrl, clock, unusedUploadMs } = options;
  const onRequest = [refuseWhenShort(headroom), limitUploads(options)];

  app.post('/upload-url', { onRequest }, async ({ caller, body }): Promise<UploadReply> => {
    const { file_type } = parseTolerantly(uploadBodySchema, body, '');
    const type = uploadTypes[file_type];
    const signed = await media.signUpload(type, grantSeconds);
    const expiresAt = clock.now() + grantSeconds * 1_000;
    const { name, url } = signed ?? toOwnAddress(createPictureName(type), expiresAt);
    const ways = signed
      ? ({ via: 'bucket', endsAt: clock.now() + unusedUploadMs } as const)
      : ({ via: 'service', endsAt: expiresAt + slackMs } as const);
    await grantUpload({ name, ...ways }, caller, options);
    return { upload_url: url, public_url: media.toAddress(name, publicUrl()).url };
  });

  const toOwnAddress = (name: string, expiresAt: number) => ({
    name,
    url: `${publicUrl()}${toUploadPath({ name, expiresAt }, uploadSecret)}`,
  });
}

interface UploadRoute {
  Params: { name: string };
  Querystring: { expires?: string; signature?: string };
  Body: Readable;
}

/** `PUT /uploads/{name}`: receives the picture. The address itself is the permission. */
export function registerUploadRoutes(app: FastifyInstance, options: UploadRoutesOptions): void {
  const { media, uploads, spoolFolder, uploadSecret, headroom, publicUrl, clock } = options;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, body, done) => done(null, body));

  app.put<UploadRoute>('/uploads/:name', {
    onRequest: [
      async ({ params: { name }, query: { expires, signature } }) => {
        const grant = { name, expiresAt: Number(expires) };
        if (!isGrantedBy(grant, String(signature), uploadSecret))
          throw new Problem('unauthorized', 'This upload address is not one that was given out.');
        if (clock.now() > grant.expiresAt) throw createExpired();
      },
      refuseWhenShort(headroom),
      async ({ params: { name }, headers }) => {
        assertType(headers['content-type'], name);
        if (Number(headers['content-length'] ?? 0) > maxReferenceBytes) throw createTooLarge();
      },
    ],
    handler: async ({ params: { name }, headers, body }) => {
      const owner = await uploads.findOwner(name);
      if (!owner) throw createExpired();
      assertShare(headroom, owner.apiKeyId, Number(headers['content-length'] ?? maxReferenceBytes));
      const folder = await mkdtemp(path.join(spoolFolder, 'upload-'));
      try {
        await keepUpload(await receive(body, { name, folder }), name, options);
        return { public_url: media.toAddress(name, publicUrl()).url };
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  });
}

function assertType(contentType: string | undefined, name: string): void {
  const type = toImageType(name);
  const given = contentType?.split(';', 1)[0]?.trim().toLowerCase().replace('image/jpg', 'image/jpeg');
  if (given !== type) throw new Problem('unsupported_media_type', `This upload address takes Content-Type: ${type}.`);
}

async function receive(
  body: Readable,
  { name, folder }: { readonly name: string; readonly folder: string },
): Promise<SpooledMedia> {
  const type = toImageType(name);
  const spooled = await receivePicture(body, folder);
  if (!isKind(spooled.mimeType, type))
    throw new Problem('invalid_request', `The bytes are ${spooled.mimeType}, not ${type}.`);
  return spooled;
}

/** HEIC is a kind of HEIF. */
function isKind(found: string, asked: string): boolean {
  return found === asked || (found === 'image/heic' && asked === 'image/heif');
}
