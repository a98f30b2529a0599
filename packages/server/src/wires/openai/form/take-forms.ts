import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Intake } from '../../../intake/intake.ts';
import type { MediaStore } from '../../../media/media-store.ts';
import { receiveForm } from './receive-form.ts';

export interface FormRoutesOptions {
  readonly intake: Pick<Intake, 'receiveUpload'>;
  readonly media: Pick<MediaStore, 'toAddress'>;
  readonly publicUrl: () => string;
}

/** Room for 16 pictures of 7 MB and a mask, which are written to the storage as they arrive. */
export const maxFormBytes = 128 * 1024 * 1024;

/** The routes of `app` also accept a form, and see the JSON that it means. */
export function takeForms(app: FastifyInstance, { intake, media, publicUrl }: FormRoutesOptions): void {
  app.addContentTypeParser('multipart/form-data', async (request: FastifyRequest, stream: Readable) => {
    const { 'content-type': type = '', ...headers } = request.headers;
    const { body, hash } = await receiveForm(stream, {
      headers: { ...headers, 'content-type': type },
      maxBytes: maxFormBytes,
      receiveUpload: (source) => intake.receiveUpload(request.caller, source),
      toUrl: (name) => media.toAddress(name, publicUrl()).url,
    });
    request.sentJson = { text: JSON.stringify(body), hash };
    return body;
  });
}
