import type { Readable } from 'node:stream';
import { uploadTypes } from '@darkroom/protocol';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { createInputProblem, parseInput } from '../../../core/parse-input.ts';
import { Problem } from '../../../core/problem.ts';
import { dropBodies } from '../../../http/drop-bodies.ts';
import type { Gates } from '../../../http/gates.ts';
import type { GrantUploadAddress } from '../../../http/upload-addresses.ts';
import { createTooLarge } from '../../../media/uploads.ts';
import type { WirePorts } from '../../wire.ts';

export type StorageRoutesOptions = Pick<WirePorts, 'intake' | 'media' | 'publicUrl' | 'clock'> & {
  readonly grantUploadAddress: GrantUploadAddress;
};

export const initiateSchema = z.looseObject(
  {
    content_type: z.string({ error: 'must be the type of the picture, such as image/png' }),
    file_name: z.string().optional(),
  },
  { error: 'must be an object {"content_type", "file_name"}' },
);

/** The calls of `rest.fal.ai` that bring pictures, and the storage that they lead to. */
export function registerStorageRoutes(app: FastifyInstance, gates: Gates, options: StorageRoutesOptions): void {
  const { intake, media, publicUrl, clock, grantUploadAddress } = options;
  const onRequest = [gates.room, gates.uploads];

  app.post('/rest/storage/upload/initiate', { onRequest }, async ({ caller, body }) => {
    const { content_type } = parseInput(initiateSchema, body, '');
    const type = Object.values(uploadTypes).find((one) => one === toType(content_type));
    if (type === undefined) throw createTypeProblem(content_type);
    const { upload_url, public_url } = await grantUploadAddress(caller, type);
    return { upload_url, file_url: public_url };
  });

  app.post('/rest/storage/upload/initiate-multipart', async () => {
    throw createTooLarge();
  });

  app.register(async (scope) => {
    dropBodies(scope);
    scope.post('/rest/tokens', async () => {
      throw new Problem('not_found', 'There are no realtime endpoints here, and so no tokens: send the key.');
    });
    // The storage takes the caller's own key, so the token is that key.
    scope.post('/rest/storage/auth/token', async ({ headers }) => ({
      token: (headers.authorization ?? '').replace(/^\w+ +/, ''),
      token_type: 'Bearer',
      base_url: `${publicUrl()}/fal/storage`,
      created_at: new Date(clock.now()).toISOString(),
      expires_at: new Date(clock.now() + tokenMs).toISOString(),
    }));
  });

  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, body, done) => done(null, body));
    scope.post<{ Body: Readable }>('/storage/files/upload', { onRequest }, async ({ caller, body }) => {
      const { name } = await intake.receiveUpload(caller, body);
      return { access_url: media.toAddress(name, publicUrl()).url, uploaded: true };
    });
  });
}

/** A client asks for another token after this time. */
const tokenMs = 24 * 3_600_000;

function toType(contentType: string): string {
  const [type = ''] = contentType.split(';', 1);
  return type.trim().toLowerCase().replace('image/jpg', 'image/jpeg');
}

function createTypeProblem(contentType: string): Problem {
  const types = [...new Set(Object.values(uploadTypes))].join(', ');
  return createInputProblem([
    {
      path: 'content_type',
      message: `is ${contentType.slice(0, 40)}: only pictures are accepted, of the types ${types}`,
    },
  ]);
}
