import { once } from 'node:events';
import { createServer } from 'node:net';

/** For a program that cannot listen on any free port and report which. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || !address) throw new Error('No free port was found.');
  return address.port;
}
