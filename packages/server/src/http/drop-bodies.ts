import type { FastifyInstance } from 'fastify';

/** The routes of `app` take no body: what a client sends all the same, of any type or empty, is read and dropped. */
export function dropBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, _body, done) => done(null));
}
