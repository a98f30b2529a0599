import { Darkroom, DarkroomAdmin } from '@darkroom/client';
import { type Command, Option } from 'commander';
import type { Config } from '../config/load-config.ts';
import { readFirstKey } from '../keys/api-keys.ts';
import { commandWords } from '../platform/installation.ts';
import type { Service } from '../platform/service.ts';
import { explainRefusal } from './explain-refusal.ts';
import { findServer } from './find-server.ts';
import { isPrivate, startPrivateServer } from './private-server.ts';
import { addSettings, loadCommandConfig } from './settings-options.ts';
import { UnreachableError } from './unreachable-error.ts';

export interface Connection {
  readonly client: Darkroom;
  readonly admin: DarkroomAdmin;
  readonly url: string;
  readonly apiKey: string;
  /** The server was started for this command and stops with it. */
  readonly isPrivate: boolean;
}

/** Adds the flags that a command uses to find its server. */
export function addConnectionOptions(command: Command): Command {
  command.addOption(
    new Option(
      '--server <url>',
      'The URL of the server. (default: the server of the data folder, else the one on HOST and PORT)',
    ),
  );
  return addSettings(command, ['DARKROOM_DATA_DIR', 'DARKROOM_API_KEY', 'HOST', 'PORT']);
}

type Work = (connection: Connection) => Promise<void>;

/** Runs `work` against the running server. Rejects when there is none: commands that only read never start a server. */
export async function withConnection(command: Command, work: Work): Promise<void> {
  const config = loadCommandConfig(command);
  const found = await findServer(config, toNamed(command));
  if ('missing' in found) throw new Error(found.missing);
  await run(toConnection(found.url, await findKey(config)), work);
}

/** Runs `work` against the running server, or against a private one where no server has ever run. So it needs no set-up. */
export async function withOwnConnection(command: Command, work: Work): Promise<void> {
  const config = loadCommandConfig(command);
  const named = toNamed(command);
  const found = await findServer(config, named);
  if ('url' in found) return run(toConnection(found.url, await findKey(config)), work);
  if (named !== undefined || !isPrivate(config)) throw new Error(found.missing);
  const own = await startPrivateServer(config);
  try {
    await run(toConnection(own.url, await findKey(config), own), work);
  } finally {
    await own.stop();
  }
}

async function run(connection: Connection, work: Work): Promise<void> {
  try {
    await work(connection);
  } catch (error) {
    throw await explainRefusal(error, connection.client);
  }
}

function toNamed(command: Command): string | undefined {
  return command.opts<{ readonly server?: string }>().server;
}

function toConnection(url: string, apiKey: string, own?: Service): Connection {
  const options = { baseUrl: url, apiKey, fetch: fetchOrSay };
  const clients = { client: new Darkroom(options), admin: new DarkroomAdmin(options) };
  return { ...clients, url, apiKey, isPrivate: own !== undefined };
}

/** Replaces Node's "fetch failed" by an error that says what to do. */
export const fetchOrSay: typeof fetch = async (target, options) => {
  try {
    return await fetch(target, options);
  } catch (error) {
    if (options?.signal?.aborted) throw error;
    throw new UnreachableError(new URL(target instanceof Request ? target.url : target).origin, error);
  }
};

async function findKey(config: Config): Promise<string> {
  const key = config.apiKey ?? (await readFirstKey(config.dataDir));
  if (key !== undefined) return key;
  throw new Error(
    `No API key was found. Set DARKROOM_API_KEY, or create a key on the machine of the server with "${commandWords} keys create".`,
  );
}
