import { Darkroom, DarkroomAdmin } from '@darkroom/client';
import { type Command, Option } from 'commander';
import type { Config } from '../config/load-config.ts';
import { toLocalUrl } from '../config/local-url.ts';
import { readFirstKey } from '../keys/api-keys.ts';
import { createLogger } from '../platform/logger.ts';
import type { Service } from '../platform/service.ts';
import { loadCompose } from './load-compose.ts';
import { addSettings, loadCommandConfig } from './settings-options.ts';

export interface Connection {
  readonly client: Darkroom;
  readonly admin: DarkroomAdmin;
  readonly url: string;
  /** The server was brought up for this command, and ends with it. */
  readonly isOwn: boolean;
  /** Ends what was brought up for this command. */
  close(): Promise<void>;
}

/** Adds the flags by which a command finds its server. */
export function addConnectionOptions(command: Command): Command {
  command.addOption(new Option('--server <url>', 'The Darkroom to talk to. (default: the one on HOST and PORT)'));
  return addSettings(command, ['DARKROOM_DATA_DIR', 'DARKROOM_API_KEY', 'HOST', 'PORT']);
}

/** Talks to the server that runs, or brings one up in this process for as long as the command takes. */
async function connect(command: Command): Promise<Connection> {
  const config = loadCommandConfig(command);
  const { server } = command.opts<{ readonly server?: string }>();
  const url = server ?? toLocalUrl(config);
  if (server !== undefined || (await isRunning(url))) {
    return toConnection(url, await findKey(config));
  }
  const { composeServer } = await loadCompose();
  const own = await composeServer({ ...config, role: 'all', host: '127.0.0.1', port: 0 }, createLogger('error'));
  await own.start();
  return toConnection(own.url, await findKey(config), own);
}

function toConnection(url: string, apiKey: string, own?: Service): Connection {
  const options = { baseUrl: url, apiKey };
  return {
    client: new Darkroom(options),
    admin: new DarkroomAdmin(options),
    url,
    isOwn: own !== undefined,
    close: async () => own?.stop(),
  };
}

/** Connects for as long as `work` takes. */
export async function withConnection(command: Command, work: (connection: Connection) => Promise<void>): Promise<void> {
  const connection = await connect(command);
  try {
    await work(connection);
  } finally {
    await connection.close();
  }
}

/** Does a Darkroom answer there? */
export async function isRunning(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(2_000) });
    const body: unknown = await response.json();
    return typeof body === 'object' && body !== null && 'status' in body && body.status === 'ok';
  } catch {
    return false;
  }
}

async function findKey(config: Config): Promise<string> {
  const key = config.apiKey ?? (await readFirstKey(config.dataDir));
  if (key !== undefined) return key;
  throw new Error('No API key is known here. Set DARKROOM_API_KEY, or make a key with: npx darkroom keys create');
}
