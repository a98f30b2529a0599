import Fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { json } from '../src/http/openapi/answers.ts';
import { guardAnswers } from './answer-guard.ts';

/** An app whose answer the document describes as `{ items: [{ id }] }`. */
function createGuarded(answer: object, status = 200) {
  const app = Fastify();
  app.get('/lists/:id', async (_request, reply) => reply.code(status).send(answer));
  const schema = z.object({ items: z.array(z.object({ id: z.string() })) });
  const get = { responses: { 200: { description: 'A list.', content: json(schema) } } };
  guardAnswers(app, [{ tags: [], paths: { '/lists/{id}': { get } } }]);
  return app;
}

describe('the guard of answers', () => {
  it('lets answers through that match the document, including refusals', async () => {
    expect((await createGuarded({ items: [{ id: 'a' }] }).inject('/lists/1?x=1')).statusCode).toBe(200);
    expect((await createGuarded({ error: 'No.', code: 'not_found' }, 404).inject('/lists/1')).statusCode).toBe(404);
  });

  it.each([
    ['a value of another type', { items: [{ id: 1 }] }, 200, /GET \/lists\/1 .* items\.0\.id: /],
    ['a key too many', { items: [{ id: 'a', name: 'b' }] }, 200, /keys that the schema does not/],
    ['a status that is not described', { items: [] }, 201, /answered 201 with JSON, which/],
    ['a refusal of another shape', { message: 'No.' }, 404, /answered 404, .* error: /],
  ])('fails a call that is answered with %s', async (_what, answer, status, message) => {
    await expect(createGuarded(answer, status).inject('/lists/1')).rejects.toThrow(message);
  });
});
