import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../../core/problem.ts';
import { parseByteRange } from '../../media/byte-range.ts';
import type { MediaStore, PublicPicture, SignedLink } from '../../media/media-store.ts';
import type { LookedUp, PictureLosses } from '../../media/picture-losses.ts';
import type { ByteRange } from '../../media/storage-driver.ts';
import type { FoundThumbnail, Thumbnails } from '../../media/thumbnails.ts';
import { HttpProblem } from '../http-problem.ts';

export interface MediaRoutesOptions {
  readonly media: MediaStore;
  readonly losses: PictureLosses;
  readonly thumbnails: Pick<Thumbnails, 'find' | 'stop'>;
}

interface MediaRoute {
  Params: { name: string };
}

/**
 * `GET` and `HEAD` of `/media/:name` and `/media/:name/thumbnail`: stored pictures, readable by everyone who knows the name, on
 * any site. A GET may be redirected to the bucket that stores the picture; a HEAD is answered here, since a signed address is
 * valid for one method. A thumbnail is made on first use.
 */
export function registerMediaRoutes(app: FastifyInstance, options: MediaRoutesOptions): void {
  const { media, losses, thumbnails } = options;
  app.addHook('onClose', () => thumbnails.stop());
  app.route<MediaRoute>({
    method: ['GET', 'HEAD'],
    url: '/media/:name',
    handler: async (request, reply) => {
      reply.headers(safetyHeaders);
      const { name } = request.params;
      const found = await losses.find(name);
      if (found.kind !== 'there') throw toAbsence(found);
      return sendPicture({ media, losses, name, picture: found.picture }, request, reply);
    },
  });
  app.route<MediaRoute>({
    method: ['GET', 'HEAD'],
    url: '/media/:name/thumbnail',
    handler: async (request, reply) => {
      reply.headers(safetyHeaders);
      const { name } = request.params;
      const found = await thumbnails.find(name);
      if (found.kind !== 'there') throw toThumbnailProblem(found);
      return sendPicture({ media, losses, ...found }, request, reply);
    },
  });
}

interface Found {
  readonly media: MediaStore;
  readonly losses: PictureLosses;
  readonly name: string;
  readonly picture: PublicPicture;
}

async function sendPicture(
  { media, losses, name, picture }: Found,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (isFresh(request, picture)) return reply.code(304).headers(toCacheHeaders(picture)).send();
  if (request.method === 'HEAD') return reply.headers(toPictureHeaders(name, picture)).send();
  const signed = await media.signRead(name);
  if (signed) return reply.code(302).headers(toRedirectHeaders(signed)).send();

  const range = wantedRange(request, picture);
  if (range === 'unsatisfiable') throw unsatisfiable(picture);
  const opened = await media.open(name, range);
  if (!opened) throw await toLateAbsence(losses, name);
  if (range) reply.code(206).header('Content-Range', `bytes ${range.start}-${range.end}/${picture.bytes}`);
  return reply.headers(toPictureHeaders(name, picture, range)).send(opened.stream);
}

/** A picture may only be displayed: it is never treated as a page and never run, but every site may show it. */
const safetyHeaders = {
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; sandbox",
  'Cross-Origin-Resource-Policy': 'cross-origin',
  'Access-Control-Allow-Origin': '*',
};

function toCacheHeaders(picture: PublicPicture): Record<string, string> {
  return { ETag: picture.etag, 'Cache-Control': 'public, max-age=31536000, immutable' };
}

/** Cached for half of the link's lifetime, so that a client that follows it late still has time to read. */
function toRedirectHeaders({ url, seconds }: SignedLink): Record<string, string> {
  return { Location: url, 'Cache-Control': `public, max-age=${Math.floor(seconds / 2)}` };
}

function toPictureHeaders(name: string, picture: PublicPicture, range?: ByteRange): Record<string, string | number> {
  return {
    ...toCacheHeaders(picture),
    'Accept-Ranges': 'bytes',
    'Content-Type': picture.contentType,
    'Content-Length': range ? range.end - range.start + 1 : picture.bytes,
    'Content-Disposition': `inline; filename="${name}"`,
  };
}

/** Does the client hold these bytes already? (RFC 9110, 13.1.2; the comparison is the weak one.) */
function isFresh(request: FastifyRequest, picture: PublicPicture): boolean {
  const tags = request.headers['if-none-match']?.split(',') ?? [];
  return tags.some((tag) => ['*', picture.etag].includes(tag.trim().replace(/^W\//, '')));
}

/** With `If-Range` a range counts only while the client's part is of the same bytes. */
function wantedRange(request: FastifyRequest, picture: PublicPicture): ByteRange | 'unsatisfiable' | undefined {
  const { range, 'if-range': ifRange } = request.headers;
  if (range === undefined || (ifRange !== undefined && ifRange !== picture.etag)) return undefined;
  return parseByteRange(range, picture.bytes);
}

function toThumbnailProblem(found: Exclude<FoundThumbnail, { kind: 'there' }>): Problem {
  switch (found.kind) {
    case 'missing':
    case 'removed':
    case 'lost':
      return toAbsence(found);
    case 'unreadable':
      return new Problem('unreadable_picture', `There is no thumbnail of it. ${found.reason}`);
    case 'busy':
      return new Problem('overloaded', 'Too many thumbnails are being made; try again in a moment.', {
        retryAfterSeconds,
      });
  }
}

const retryAfterSeconds = 2;

function toAbsence({ kind }: Exclude<LookedUp, { kind: 'there' }>): Problem {
  if (kind === 'missing') return missing();
  if (kind === 'removed') return new Problem('deleted', 'This picture was deleted or has expired.');
  return new Problem(
    'media_lost',
    'The picture was stored, but its file in the media storage is missing or cut off. The operator can check with darkroom doctor.',
  );
}

/** It may have been removed since it was found. */
async function toLateAbsence(losses: PictureLosses, name: string): Promise<Problem> {
  const found = await losses.find(name);
  return found.kind === 'there' ? missing() : toAbsence(found);
}

function missing(): Problem {
  return new Problem('not_found', 'There is no such picture.');
}

function unsatisfiable({ bytes }: PublicPicture): Problem {
  return new HttpProblem('range_not_satisfiable', `The range is outside the picture, which has ${bytes} bytes.`, {
    headers: { 'content-range': `bytes */${bytes}` },
  });
}
