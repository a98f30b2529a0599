import type { Readable } from 'node:stream';
import { maxReferenceBytes } from '@darkroom/protocol';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { parseInput } from '../../../core/parse-input.ts';
import { Problem } from '../../../core/problem.ts';
import { dropBodies } from '../../../http/drop-bodies.ts';
import type { Gates } from '../../../http/gates.ts';
import { createTooLarge, type FoundUpload } from '../../../media/uploads.ts';
import { createRequestId } from '../../../platform/ids.ts';
import type { WirePorts } from '../../wire.ts';
import { resumablePrefix } from '../addresses.ts';
import { Chunks } from '../files/chunks.ts';
import { toFileName } from '../files/file-names.ts';
import { readUploadToken, toUploadToken, type UploadRight } from '../files/upload-token.ts';
import { toCamelCase } from '../request/spelling.ts';

export interface FileRoutesOptions extends Pick<WirePorts, 'intake' | 'media' | 'publicUrl' | 'clock'> {
  /** Signs the addresses of uploads. */
  readonly uploadSecret: string;
  readonly spoolFolder: string;
}

const rightMs = 3_600_000;

const startBodySchema = z.looseObject({ file: z.looseObject({ displayName: z.string().optional() }).optional() });

/** `POST /upload/{v}/files`: begins the upload of a file, and answers with the address to which its bytes are sent. */
export function registerUploadStart(app: FastifyInstance, gates: Gates, options: FileRoutesOptions): void {
  const { publicUrl, uploadSecret, clock } = options;
  app.post('/files', { onRequest: [gates.room, gates.uploads] }, async ({ caller, headers, body }, reply) => {
    if (headers['x-goog-upload-protocol'] !== 'resumable')
      throw new Problem('invalid_request', 'X-Goog-Upload-Protocol must be "resumable".');
    if (Number(headers['x-goog-upload-header-content-length'] ?? 0) > maxReferenceBytes) throw createTooLarge();
    const { file } = parseInput(startBodySchema, toCamelCase(body ?? {}), '', { keys: [] });
    const { organizationId, apiKeyId } = caller;
    const right: UploadRight = {
      id: createRequestId(),
      owner: { organizationId, apiKeyId },
      ...(file?.displayName !== undefined && { displayName: file.displayName.slice(0, 512) }),
      expiresAt: clock.now() + rightMs,
    };
    const url = `${publicUrl()}${resumablePrefix}?upload_id=${toUploadToken(right, uploadSecret)}`;
    return toStatus(reply, 'active').header('x-goog-upload-url', url).send({});
  });
}

/** `POST /upload/{v}/resumable`: the bytes of a file, in one call or in several. The address itself is the permission. */
export function registerUploadBytes(app: FastifyInstance, gates: Gates, options: FileRoutesOptions): void {
  const { intake, media, publicUrl, uploadSecret, spoolFolder, clock } = options;
  const chunks = new Chunks(spoolFolder);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, body, done) => done(null, body));

  app.post<UploadCall>('/', { onRequest: gates.room }, async ({ query, headers, body }, reply) => {
    const right = readUploadToken(String(query.upload_id), { secret: uploadSecret, now: clock.now() });
    const commands = String(headers['x-goog-upload-command']).split(/\s*,\s*/);
    const offset = Number(headers['x-goog-upload-offset'] ?? chunks.received(right));
    if (commands.includes('cancel')) {
      await chunks.drop(right);
      return toStatus(reply, 'cancelled').send({});
    }
    if (commands.includes('finalize')) {
      const receive = (all: AsyncIterable<Buffer>) => intake.receiveUpload(right.owner, all);
      const received = await chunks.finish(right, body ?? [], { offset, receive });
      const file = toFile(received, { media, publicUrl });
      const { displayName } = right;
      return toStatus(reply, 'final').send({ file: { ...file, ...(displayName !== undefined && { displayName }) } });
    }
    if (commands.includes('upload')) await chunks.add(right, body, { offset, now: clock.now() });
    else if (!commands.includes('query'))
      throw new Problem('invalid_request', 'X-Goog-Upload-Command must be "upload", "finalize", "query" or "cancel".');
    return toStatus(reply, 'active').header('x-goog-upload-size-received', chunks.received(right)).send({});
  });
}

interface UploadCall {
  Querystring: { upload_id?: string | readonly string[] };
  Body: Readable;
}

/** `GET` and `DELETE files/{name}`. Files are not listed. */
export function registerFileRoutes(app: FastifyInstance, options: FileRoutesOptions): void {
  const { intake } = options;
  app.get<FileCall>('/files/:name', async ({ caller, params: { name } }) => {
    const found = await intake.findUpload(caller, name);
    if (!found) throw new Problem('not_found', `There is no file ${toFileName(name)}.`);
    return toFile(found, options);
  });
  app.register(async (scope) => {
    dropBodies(scope);
    scope.delete<FileCall>('/files/:name', async ({ caller, params: { name } }) => {
      await intake.deleteUpload(caller, name);
      return {};
    });
  });
  app.get('/files', async () => {
    throw new Problem('method_not_allowed', `Files cannot be listed: ${endsItself}.`);
  });
}

interface FileCall {
  Params: { name: string };
}

const endsItself = 'a file that no request uses expires after a day, unless the operator has set another time';

/** SDKs read the state of an upload from this header. */
function toStatus(reply: FastifyReply, status: 'active' | 'final' | 'cancelled'): FastifyReply {
  return reply.header('x-goog-upload-status', status).type('application/json; charset=utf-8');
}

function toFile(
  { name, mimeType, bytes, endsAt }: FoundUpload & { readonly endsAt?: number },
  { media, publicUrl }: Pick<FileRoutesOptions, 'media' | 'publicUrl'>,
): object {
  return {
    name: toFileName(name),
    uri: media.toAddress(name, publicUrl()).url,
    mimeType,
    sizeBytes: String(bytes),
    state: 'ACTIVE',
    source: 'UPLOADED',
    ...(endsAt !== undefined && { expirationTime: new Date(endsAt).toISOString() }),
  };
}
