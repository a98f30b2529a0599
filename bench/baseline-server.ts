import Fastify from 'fastify';

/**
 * The other side of every ratio: a bare Fastify in its own process. POST parses the body as JSON. Both methods answer with
 * a constant JSON text, the first argument.
 */
const text = process.argv[2] ?? '{}';
const reply: unknown = JSON.parse(text);

const app = Fastify();
app.post('/', async (request) => {
  if (typeof request.body !== 'object') throw new Error('The body is not JSON.');
  return reply;
});
// Already a text: making the other side slower would not be fair.
app.get('/', (_request, answer) => answer.type('application/json; charset=utf-8').send(text));

const url = await app.listen({ host: '127.0.0.1', port: 0 });
process.stdout.write(`${url}\n`);
process.once('SIGTERM', () => process.exit(0));
