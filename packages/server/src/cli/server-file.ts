import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Where the server of a data folder listens. A file in that folder holds it, so commands find the server on any port. */
export interface ServerAddress {
  readonly url: string;
  readonly pid: number;
}

/** When several servers share a folder, commands find the one that started last. */
export async function writeServerFile(dataDir: string, address: ServerAddress): Promise<void> {
  const file = toFile(dataDir);
  const fresh = `${file}.${address.pid}`;
  await writeFile(fresh, `${JSON.stringify(address)}\n`, { mode: 0o600 });
  await rename(fresh, file);
}

/** Removes the file, unless another process has replaced it. */
export async function removeServerFile(dataDir: string, { pid }: Pick<ServerAddress, 'pid'>): Promise<void> {
  const written = await readFileOf(dataDir);
  if (written?.pid === pid) await rm(toFile(dataDir), { force: true });
}

/** The server that wrote the file; `undefined` when the file was removed or the process is gone. */
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

/** EPERM means that the process belongs to another user: it is alive, but we may not signal it. */
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
