import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Where the server of a data folder listens, in a file of that folder: so commands find it whatever its port is. */
export interface ServerAddress {
  readonly url: string;
  readonly pid: number;
}

/** Of several servers on one folder the last that has started is the one that is found. */
export async function writeServerFile(dataDir: string, address: ServerAddress): Promise<void> {
  const file = toFile(dataDir);
  const fresh = `${file}.${address.pid}`;
  await writeFile(fresh, `${JSON.stringify(address)}\n`, { mode: 0o600 });
  await rename(fresh, file);
}

/** Removes the file, unless another process has written its own by now. */
export async function removeServerFile(dataDir: string, { pid }: Pick<ServerAddress, 'pid'>): Promise<void> {
  const written = await readFileOf(dataDir);
  if (written?.pid === pid) await rm(toFile(dataDir), { force: true });
}

/** The server that has written the file and not removed it; `undefined` when its process is gone. */
export async function readServerFile(dataDir: string): Promise<ServerAddress | undefined> {
  const written = await readFileOf(dataDir);
  return written && isAlive(written.pid) ? written : undefined;
}

async function readFileOf(dataDir: string): Promise<ServerAddress | undefined> {
  try {
    return JSON.parse(await readFile(toFile(dataDir), 'utf8')) as ServerAddress; // `writeServerFile` wrote it whole
  } catch {
    return undefined;
  }
}

/** A process of another user is alive too: it may not be signalled, which is another error. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function toFile(dataDir: string): string {
  return path.join(dataDir, 'server.json');
}
