import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';

/**
 * The spool folder of this process inside `root`. Folders of processes that are gone are removed: their attempts are
 * lost, and so is what they had spooled.
 */
export async function prepareSpool(root: string): Promise<string> {
  const own = path.join(root, String(process.pid));
  await mkdir(root, { recursive: true });
  for (const name of await readdir(root)) {
    if (!isRunning(Number(name))) await rm(path.join(root, name), { recursive: true, force: true });
  }
  await mkdir(own, { recursive: true });
  return own;
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
