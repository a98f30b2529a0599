import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { maxReferenceBytes, type UploadReply, uploadBodySchema, uploadTypes } from '@darkroom/protocol';
import type { FastifyInstance } from 'fastify';
import type { MediaStore, SpooledMedia } from '../../media/media-store.ts';
import { createPictureName, toImageType } from '../../media/picture-name.ts';
import { ReferenceFailure } from '../../media/references/reference-failure.ts';
import { spoolPicture } from '../../media/references/spool-picture.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Headroom } from '../../platform/headroom.ts';
import { refuseWhenShort } from '../overload.ts';
import { Problem } from '../problem.ts';
import { isGrantedBy, toUploadPath } from '../upload-grant.ts';
import { parseTolerantly } from '../validation.ts';

export interface UploadRoutesOptions {
  readonly media: MediaStore;
  readonly spoolFolder: string;
  readonly uploadSecret: string;
  readonly headroom: Headroom;
  readonly publicUrl: () => string;
  readonly clock: Clock;
}

const grantSeconds = 15 * 60;

/**
 * `POST …/upload-url`: an address to put a picture at, and the one at which it can be read and referred to afterwards. A bucket
 * that clients can reach takes the picture itself; it is looked at when a request uses it.
 */
export function registerUploadGrantRoutes(app: FastifyInstance, options: UploadRoutesOptions): void {
  const { media, uploadSecret, headroom, publicUrl, clock } = options;
  app.post('/upload-url', { onRequest: refuseWhenShort(headroom) }, async (request): Promise<UploadReply> => {
    const { file_type } = parseTolerantly(uploadBodySchema, request.body, '');
    const type = uploadTypes[file_type];
    const signed = await media.signUpload(type, grantSeconds);
    if (signed) return { upload_url: signed.url, public_url: media.toAddress(signed.name, publicUrl()).url };
    const name = createPictureName(type);
    const grant = { name, expiresAt: clock.now() + grantSeconds * 1_000 };
    return {
      upload_url: `${publicUrl()}${toUploadPath(grant, uploadSecret)}`,
      public_url: media.toAddress(name, publicUrl()).url,
    };
  });
}

interface UploadRoute {
  Params: { name: string };
  Querystring: { expires?: string; signature?: string };
  Body: Readable;
}

/** `PUT /uploads/{name}`: takes the picture; the address itself is the right to do so. */
export function registerUploadRoutes(app: FastifyInstance, options: UploadRoutesOptions): void {
  const { media, spoolFolder, uploadSecret, headroom, publicUrl, clock } = options;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, body, done) => done(null, body));

  app.put<UploadRoute>('/uploads/:name', {
    onRequest: [
      async ({ params: { name }, query: { expires, signature } }) => {
        const grant = { name, expiresAt: Number(expires) };
        if (!isGrantedBy(grant, String(signature), uploadSecret))
          throw new Problem('unauthorized', 'This upload address is not one that was given out.');
        if (clock.now() > grant.expiresAt)
          throw new Problem('unauthorized', 'This upload address has expired: ask for another one.');
      },
      refuseWhenShort(headroom),
      async ({ params: { name }, headers }) => {
        assertType(headers['content-type'], name);
        if (Number(headers['content-length'] ?? 0) > maxReferenceBytes) throw tooLarge();
      },
    ],
    handler: async ({ params: { name }, body }) => {
      const folder = await mkdtemp(path.join(spoolFolder, 'upload-'));
      try {
        await keep(await receive(body, { name, folder }), name, media);
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
  try {
    const spooled = await spoolPicture(body, { folder, maxBytes: maxReferenceBytes });
    if (!isKind(spooled.mimeType, type))
      throw new Problem('invalid_request', `The bytes are ${spooled.mimeType}, not ${type}.`);
    return spooled;
  } catch (error) {
    if (!(error instanceof ReferenceFailure)) throw error;
    throw error.isTooLarge
      ? tooLarge()
      : new Problem('invalid_request', `The bytes cannot be taken: ${error.message}.`);
  }
}

/** HEIC is a kind of HEIF. */
function isKind(found: string, asked: string): boolean {
  return found === asked || (found === 'image/heic' && asked === 'image/heif');
}

/** A picture's URL is cached for ever, so it can be sent again but not changed. */
async function keep({ file }: SpooledMedia, name: string, media: MediaStore): Promise<void> {
  const isSame = await media.isSame(name, file);
  if (isSame === false)
    throw new Problem('upload_conflict', 'Another picture was uploaded here already: ask for another address.');
  if (isSame === undefined) await media.keepAsIs(file, toImageType(name), name);
}

function tooLarge(): Problem {
  return new Problem('body_too_large', 'The picture is larger than 7 MB.');
}
