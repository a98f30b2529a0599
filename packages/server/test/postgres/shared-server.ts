import { once } from 'node:events';
import { startOwnServer } from './test-database.ts';

/** A process that runs a PostgreSQL server, prints its URL, and stops it when nothing holds its standard input any more. */
const server = await startOwnServer();
process.stdout.write(server.url);
await once(process.stdin.resume(), 'end');
await server.stop();
