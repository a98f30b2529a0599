import type { Config } from '../config/load-config.ts';
import { toLocalUrl } from '../config/local-url.ts';
import { commandWords } from '../platform/installation.ts';
import { isPrivate } from './private-server.ts';
import { readServerFile, type ServerAddress } from './server-file.ts';
import { toShownPath } from './shown-path.ts';

/** The server that answered, or a sentence that says what was tried and what to do. */
export type Found = { readonly url: string } | { readonly missing: string };

/** Finds the server for a command: the named one, the one of the data folder, or the one on HOST and PORT. */
export async function findServer(config: Config, named: string | undefined): Promise<Found> {
  if (named !== undefined) return findNamed(named);
  const written = await readServerFile(config.dataDir);
  if (written && (await isRunning(written.url))) return { url: written.url };
  const local = toLocalUrl(config);
  const asked = mayBeOnPort(config) && local !== written?.url ? local : undefined;
  if (asked !== undefined && (await isRunning(asked))) return { url: asked };
  return { missing: toMissing(toShownPath(config.dataDir), { written, asked }) };
}

/** Without a key for that server, in the settings or in its data folder, every call would be refused. */
function mayBeOnPort(config: Config): boolean {
  return config.port !== 0 && (config.apiKey !== undefined || !isPrivate(config));
}

function toMissing(
  folder: string,
  { written, asked }: { written: ServerAddress | undefined; asked: string | undefined },
) {
  if (written)
    return `The Darkroom of ${folder} (process ${written.pid}) does not answer at ${written.url}. It may be starting or stopping: try again, or start it again.`;
  const elsewhere = asked === undefined ? '' : `, and none answers at ${asked}`;
  return `No Darkroom serves ${folder}${elsewhere}. Start one in another terminal with "${commandWords} serve", or give the address of another one with --server URL.`;
}

async function findNamed(named: string): Promise<Found> {
  if (!/^https?:\/\//.test(named) || !URL.canParse(named))
    return { missing: `--server must be an http(s) URL such as http://127.0.0.1:4600, not ${named}.` };
  const url = named.replace(/\/+$/, '');
  return (await isRunning(url))
    ? { url }
    : { missing: `No Darkroom answers at ${url}. Is it running there, and is the address correct?` };
}

/** Long enough for a busy server. Where nothing listens, the connection is refused at once. */
const patienceMs = 10_000;

/** Whether a Darkroom answers at this address. */
export async function isRunning(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(patienceMs) });
    const body: unknown = await response.json();
    return typeof body === 'object' && body !== null && 'status' in body && body.status === 'ok';
  } catch {
    return false;
  }
}
