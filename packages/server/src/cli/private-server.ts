import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Server } from '../compose.ts';
import type { Config } from '../config/load-config.ts';
import { loadCompose } from './load-compose.ts';

/**
 * A server that a command runs in its own process until the command ends. It processes the whole queue of its data folder.
 * So it may run only in a folder that no other kind of server has used. A file named `private` marks such folders.
 */
export async function startPrivateServer(config: Config): Promise<Server> {
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  await writeFile(toMark(config), '', { mode: 0o600 });
  const { composeServer, createLogger } = await loadCompose();
  const address = { role: 'all', host: '127.0.0.1', port: 0, publicUrl: undefined } as const;
  const server = await composeServer({ ...config, ...address }, createLogger('error'));
  await server.start();
  return server;
}

/** Whether a private server may run there: only where no one else has requests. */
export function isPrivate(config: Pick<Config, 'dataDir' | 'databaseUrl'>): boolean {
  if (config.databaseUrl !== undefined) return false;
  return existsSync(toMark(config)) || !existsSync(path.join(config.dataDir, 'darkroom.db'));
}

/** From now on the folder belongs to servers started with `darkroom serve`. */
export async function endPrivacy(config: Pick<Config, 'dataDir'>): Promise<void> {
  await rm(toMark(config), { force: true });
}

function toMark({ dataDir }: Pick<Config, 'dataDir'>): string {
  return path.join(dataDir, 'private');
}
