import type { FastifyInstance } from 'fastify';

/** The routes of `app` take no body. A body that a client sends anyway, of any type or empty, is read and dropped. */
export function dropBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, _body, done) => done(null));
}
