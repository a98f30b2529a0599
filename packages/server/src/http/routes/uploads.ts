import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { maxReferenceBytes, type UploadReply, uploadBodySchema, uploadTypes } from '@darkroom/protocol';
import type { FastifyInstance } from 'fastify';
import { organizationFactor } from '../../core/organization.ts';
import { assertShare } from '../../core/overload.ts';
import { parseTolerantly } from '../../core/parse-input.ts';
import { Problem } from '../../core/problem.ts';
import type { MediaStore, SpooledMedia } from '../../media/media-store.ts';
import { createPictureName, toImageType } from '../../media/picture-name.ts';
import { ReferenceFailure } from '../../media/references/reference-failure.ts';
import { spoolPicture } from '../../media/references/spool-picture.ts';
import { hashFile } from '../../media/sha256.ts';
import type { Clock } from '../../platform/clock.ts';
import type { DiskShares } from '../../platform/disk-shares.ts';
import type { Headroom } from '../../platform/headroom.ts';
import type { NewUpload, UploadStore } from '../../store/upload-store.ts';
import type { Caller } from '../auth.ts';
import { refuseWhenShort } from '../gates.ts';
import { limitUploads } from '../rate-limit.ts';
import { isGrantedBy, toUploadPath } from '../upload-grant.ts';

export interface UploadRoutesOptions {
  readonly media: MediaStore;
  readonly uploads: UploadStore;
  /** Addresses that a key may ask for in any minute; an organization may ask for `organizationFactor` times as many. */
  readonly uploadsPerMinute: number;
  /** Bytes of a key's uploads that no request has used; an organization may have `organizationFactor` times as many. */
  readonly maxUnusedUploadBytes: number;
  readonly unusedUploadMs: number;
  readonly spoolFolder: string;
  readonly uploadSecret: string;
  readonly headroom: Headroom & DiskShares;
  readonly publicUrl: () => string;
  readonly clock: Clock;
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
    await grant({ name, ...ways }, caller, options);
    return { upload_url: url, public_url: media.toAddress(name, publicUrl()).url };
  });

  const toOwnAddress = (name: string, expiresAt: number) => ({
    name,
    url: `${publicUrl()}${toUploadPath({ name, expiresAt }, uploadSecret)}`,
  });
}

/** Records the owner of the address. It counts as the largest picture until one has arrived. */
async function grant(
  upload: Pick<NewUpload, 'name' | 'via' | 'endsAt'>,
  { apiKeyId, organizationId }: Caller,
  { uploads, maxUnusedUploadBytes: ofKey }: UploadRoutesOptions,
): Promise<void> {
  const limits = { ofKey, ofOrganization: ofKey * organizationFactor };
  if (await uploads.grant({ ...upload, apiKeyId, organizationId, bytes: maxReferenceBytes }, limits)) return;
  throw new Problem(
    'uploads_full',
    `The uploads that no request has used yet may have ${toMegabytes(limits.ofKey)} MB of one API key and ${toMegabytes(limits.ofOrganization)} MB of its organization, and there is no room for another one: use them in requests, or wait until they end.`,
    { retryAfterSeconds: fullRetrySeconds },
  );
}

/** Addresses at which nothing was uploaded end within minutes. */
const fullRetrySeconds = 60;

function toMegabytes(bytes: number): string {
  return Math.floor(bytes / 2 ** 20).toLocaleString('en-US');
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
        if (clock.now() > grant.expiresAt) throw expired();
      },
      refuseWhenShort(headroom),
      async ({ params: { name }, headers }) => {
        assertType(headers['content-type'], name);
        if (Number(headers['content-length'] ?? 0) > maxReferenceBytes) throw tooLarge();
      },
    ],
    handler: async ({ params: { name }, headers, body }) => {
      const owner = await uploads.findOwner(name);
      if (!owner) throw expired();
      assertShare(headroom, owner.apiKeyId, Number(headers['content-length'] ?? maxReferenceBytes));
      const folder = await mkdtemp(path.join(spoolFolder, 'upload-'));
      try {
        await keep(await receive(body, { name, folder }), name, options);
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

/**
 * A picture's URL is cached for ever, so the picture can be sent again but not changed: the first complete one takes the name,
 * and only its bytes are ever stored under it. The same bytes are stored again when a process was killed before, or the storage
 * has lost some of them.
 */
async function keep(
  { file }: SpooledMedia,
  name: string,
  { media, uploads, clock, unusedUploadMs }: UploadRoutesOptions,
): Promise<void> {
  const content = { bytes: file.bytes, sha256: await hashFile(file.path), endsAt: clock.now() + unusedUploadMs };
  const taken = await uploads.take(name, content);
  if (taken === 'missing') throw expired();
  if (taken === 'conflict')
    throw new Problem('upload_conflict', 'Another picture was uploaded here already: ask for another address.');
  if ((await media.find(name))?.bytes !== file.bytes) await media.keepAsIs(file, toImageType(name), name);
  await uploads.keepLength(name, file.bytes);
}

function expired(): Problem {
  return new Problem('unauthorized', 'This upload address has expired: ask for another one.');
}

function tooLarge(): Problem {
  return new Problem('body_too_large', 'The picture is larger than 7 MB.');
}
