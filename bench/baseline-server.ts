import Fastify from 'fastify';

/**
 * The other side of every ratio: a Fastify with nothing in it, as its own process. POST parses the body as JSON, and both
 * methods answer a JSON that is always the same, the first argument.
 */
const text = process.argv[2] ?? '{}';
const reply: unknown = JSON.parse(text);

const app = Fastify();
app.post('/', async (request) => {
  if (typeof request.body !== 'object') throw new Error('The body is not JSON.');
  return reply;
});
// Already a text: nothing would be gained by making the other side slower.
app.get('/', (_request, answer) => answer.type('application/json; charset=utf-8').send(text));

const url = await app.listen({ host: '127.0.0.1', port: 0 });
process.stdout.write(`${url}\n`);
process.once('SIGTERM', () => process.exit(0));
