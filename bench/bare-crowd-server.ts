import { createServer, type ServerResponse } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';

/**
 * What Node's own HTTP server needs for a crowd of open answers: the limit of every server that is built on it. GET keeps an answer
 * open after its first text, the first argument. POST ends all of them with the second argument, in slices as Darkroom does.
 */
const [greeting = '', end = ''] = process.argv.slice(2);
const slice = 200;
const open: ServerResponse[] = [];

// As Darkroom sets it.
setFlagsFromString('--semi-space-growth-factor=1');
const server = createServer(async ({ method }, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  if (method === 'GET') {
    response.write(greeting);
    open.push(response);
    return;
  }
  response.end();
  for (let at = 0; at < open.length; at += slice) {
    for (const waiting of open.slice(at, at + slice)) waiting.end(end);
    await setImmediate();
  }
});
server.listen({ host: '127.0.0.1', port: 0, backlog: 4_096 }, () => {
  const address = server.address();
  process.stdout.write(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}\n`);
});
process.once('SIGTERM', () => process.exit(0));
