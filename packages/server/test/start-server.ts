import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Darkroom, DarkroomAdmin } from '@darkroom/client';
import type { Parts } from '../src/compose/parts.ts';
import { composeServer, type Server } from '../src/compose.ts';
import { loadConfig, type SettingValues } from '../src/config/load-config.ts';
import { createLogger } from '../src/platform/logger.ts';
import { writeMigratedFile } from './store/migrated-file.ts';

/** A whole Darkroom in this process, on a free port with its own folder. */
export interface TestServer {
  readonly server: Server;
  readonly url: string;
  readonly key: string;
  readonly client: Darkroom;
  readonly admin: DarkroomAdmin;
  readonly dataDir: string;
  /** Stops it and removes its folder. */
  stop(): Promise<void>;
}

export async function startServer(flags: SettingValues = {}, parts: Parts = {}): Promise<TestServer> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-server-'));
  const config = loadConfig({ env: {}, flags: { PORT: '0', LOG_LEVEL: 'silent', ...flags }, folder });
  if (config.databaseUrl === undefined) writeMigratedFile(path.join(config.dataDir, 'darkroom.db'));
  const server = await composeServer(config, createLogger(config.logLevel), parts);
  await server.start();
  const key = (await readFile(path.join(config.dataDir, 'api-key'), 'utf8')).trim();
  return {
    server,
    url: server.url,
    key,
    client: new Darkroom({ baseUrl: server.url, apiKey: key }),
    admin: new DarkroomAdmin({ baseUrl: server.url, apiKey: key }),
    dataDir: config.dataDir,
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
