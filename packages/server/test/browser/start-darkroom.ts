import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { composeServer } from '../../src/compose.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { drawPlain } from '../draw-plain.ts';
import { writeMigratedFile } from '../store/migrated-file.ts';

/** A Darkroom on a folder and a port that outlive it: the next Darkroom on both is the same server after a restart. */
export async function startDarkroom(folder: string, port: string) {
  const config = loadConfig({ env: {}, flags: { PORT: port, LOG_LEVEL: 'silent' }, folder });
  writeMigratedFile(path.join(config.dataDir, 'darkroom.db'));
  const server = await composeServer(config, createLogger(config.logLevel), { illustrate: drawPlain });
  await server.start();
  return { server, key: (await readFile(path.join(config.dataDir, 'api-key'), 'utf8')).trim() };
}
