import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { maxReferenceBytes, type UploadReply, uploadBodySchema, uploadTypes } from '@darkroom/protocol';
import type { FastifyInstance } from 'fastify';
import { assertShare } from '../../core/overload.ts';
import { parseTolerantly } from '../../core/parse-input.ts';
import { Problem } from '../../core/problem.ts';
import type { SpooledMedia } from '../../media/media-store.ts';
import { toImageType } from '../../media/picture-name.ts';
import { createExpired, createTooLarge, keepUpload, receivePicture } from '../../media/uploads.ts';
import type { DiskShares } from '../../platform/disk-shares.ts';
import type { Headroom } from '../../platform/headroom.ts';
import type { Caller } from '../auth.ts';
import { dropBodies } from '../drop-bodies.ts';
import { type Gates, refuseWhenShort } from '../gates.ts';
import { createUploadAddresses, type UploadAddressOptions } from '../upload-addresses.ts';
import { isGrantedBy } from '../upload-grant.ts';

export interface UploadRoutesOptions extends UploadAddressOptions {
  /** Addresses that a key may ask for in any minute; an organization may ask for `organizationFactor` times as many. */
  readonly uploadsPerMinute: number;
  readonly headroom: Headroom & DiskShares;
  readonly deleteUpload: (caller: Caller, name: string) => Promise<void>;
}

/**
 * `POST …/upload-url`: an address to which a picture can be uploaded, and the one at which it can be read and referred to
 * afterwards. `DELETE …/uploads/{name}` removes it.
 */
export function registerUploadGrantRoutes(app: FastifyInstance, gates: Gates, options: UploadRoutesOptions): void {
  const grant = createUploadAddresses(options);

  app.post(
    '/upload-url',
    { onRequest: [gates.room, gates.uploads] },
    async ({ caller, body }): Promise<UploadReply> => {
      const { file_type } = parseTolerantly(uploadBodySchema, body, '');
      return grant(caller, uploadTypes[file_type]);
    },
  );

  app.register(async (scope) => {
    dropBodies(scope);
    scope.delete<UploadRoute>('/uploads/:name', async ({ caller, params }, reply) => {
      await options.deleteUpload(caller, params.name);
      return reply.code(204).send();
    });
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
          throw new Problem('unauthorized', 'This is not an upload address of this service.');
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
      assertShare(headroom, owner.organizationId, Number(headers['content-length'] ?? maxReferenceBytes));
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
  if (given !== type)
    throw new Problem('unsupported_media_type', `This upload address accepts only Content-Type: ${type}.`);
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
