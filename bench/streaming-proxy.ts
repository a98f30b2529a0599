import { createServer } from 'node:http';
import { pipeline } from 'undici';

/** A bare proxy in its own process: it pipes every call to the upstream of its first argument, and keeps nothing. */
const [upstream = ''] = process.argv.slice(2);

const server = createServer((request, response) => {
  const { 'content-type': type, 'x-goog-api-key': key, 'content-length': bytes } = request.headers;
  const headers = { 'content-type': type, 'x-goog-api-key': key?.toString(), 'content-length': bytes };
  const call = pipeline(`${upstream}${request.url}`, { method: 'POST', headers }, ({ statusCode, body }) => {
    response.statusCode = statusCode;
    return body;
  });
  call.on('error', (error) => response.destroy(error));
  request.pipe(call).pipe(response);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address) process.stdout.write(`http://127.0.0.1:${address.port}\n`);
});
process.once('SIGTERM', () => process.exit(0));
