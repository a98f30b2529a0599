import type { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { Problem } from '../../../core/problem.ts';
import type { Gates } from '../../../http/gates.ts';
import type { WirePorts } from '../../wire.ts';
import { receiveFile } from '../receive-file.ts';

export type FileRoutesOptions = Pick<WirePorts, 'intake' | 'media' | 'publicUrl' | 'clock'>;

interface OneRoute {
  Params: { id: string };
}

/** Files are uploads of pictures: a client sends the files of its inputs here, and refers to them by `urls.get`. */
export function registerFileRoutes(app: FastifyInstance, gates: Gates, options: FileRoutesOptions): void {
  const { intake, media, publicUrl, clock } = options;
  const toUrls = (name: string) => ({ get: media.toAddress(name, publicUrl()).url });

  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('multipart/form-data', (_request, body, done) => done(null, body));
    scope.post<{ Body: Readable }>('/files', { onRequest: [gates.room, gates.uploads] }, async (call, reply) => {
      const { caller, headers, body } = call;
      const { upload, fileName, metadata } = await receiveFile(body, {
        // A body without this type has no parser.
        headers: { ...headers, 'content-type': headers['content-type'] ?? '' },
        receiveUpload: (source) => intake.receiveUpload(caller, source),
      });
      const { name, mimeType, bytes, sha256, endsAt } = upload;
      return reply.code(201).send({
        id: name,
        name: fileName,
        content_type: mimeType,
        size: bytes,
        etag: sha256,
        checksums: { sha256 },
        metadata,
        created_at: new Date(clock.now()).toISOString(),
        expires_at: new Date(endsAt).toISOString(),
        urls: toUrls(name),
      });
    });
  });

  app.get<OneRoute>('/files/:id', async ({ caller, params: { id } }) => {
    const found = await intake.findUpload(caller, id);
    if (!found) throw new Problem('not_found', 'There is no file with this id.');
    return { id, name: id, content_type: found.mimeType, size: found.bytes, metadata: {}, urls: toUrls(id) };
  });
}
