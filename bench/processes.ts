import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Darkroom } from '@darkroom/client';
import { createTemporaryFolder } from './temporary-folder.ts';

/** A server in its own process. It ends when it is disposed of, or with this process. */
export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
}

export interface DarkroomProcess extends ServerProcess {
  readonly key: string;
  readonly dataDir: string;
  readonly client: Darkroom;
}

export interface DarkroomOptions {
  /** The `darkroom` to measure. */
  readonly bin: string;
  /** Where its data folder is made. */
  readonly folder: string;
  readonly settings: Readonly<Record<string, string>>;
  /** Default: `all`. */
  readonly role?: 'all' | 'api';
}

export interface WorkerOptions extends Pick<DarkroomOptions, 'bin' | 'settings'> {
  readonly dataDir: string;
}

/** `darkroom serve` with its own data folder, and the key that it creates at its first start. */
export async function startDarkroom({
  bin,
  folder,
  settings,
  role = 'all',
}: DarkroomOptions): Promise<DarkroomProcess> {
  await using owned = new AsyncDisposableStack();
  const { path: dataDir } = owned.use(await createTemporaryFolder(folder));
  const args = [bin, 'serve', '--role', role, '--port', '0', '--data-dir', dataDir];
  const { url, pid } = owned.use(await startProcess({ args, env: { ...settings, DARKROOM_DRAIN_SECONDS: '0' } }));
  const key = (await readFile(path.join(dataDir, 'api-key'), 'utf8')).trim();
  const held = owned.move();
  const client = new Darkroom({ baseUrl: url, apiKey: key });
  return { url, pid, key, dataDir, client, [Symbol.asyncDispose]: () => held.disposeAsync() };
}

/** `darkroom serve --role worker`, on the data folder of another process. */
export function startWorker({ bin, dataDir, settings }: WorkerOptions): Promise<ServerProcess> {
  const args = [bin, 'serve', '--role', 'worker', '--port', '0', '--data-dir', dataDir];
  const env = { ...settings, DARKROOM_PUBLIC_URL: 'http://pictures.example', DARKROOM_DRAIN_SECONDS: '0' };
  return startProcess({ args, env });
}

/** `darkroom sandbox`, the upstream. */
export function startSandbox(bin: string): Promise<ServerProcess> {
  return startProcess({ args: [bin, 'sandbox', '--port', '0'] });
}

/** A bare Fastify that answers all calls with the JSON text `body`. */
export function startBaseline(body: string): Promise<ServerProcess> {
  return startProcess({ args: [path.join(import.meta.dirname, 'baseline-server.ts'), body] });
}

/** A bare Node HTTP server. Takes the arguments of `bare-crowd-server.ts`. */
export function startBareCrowd(args: readonly string[]): Promise<ServerProcess> {
  return startProcess({ args: [path.join(import.meta.dirname, 'bare-crowd-server.ts'), ...args] });
}

/** A bare proxy that pipes every call to the upstream. */
export function startStreamingProxy(upstream: string): Promise<ServerProcess> {
  return startProcess({ args: [path.join(import.meta.dirname, 'streaming-proxy.ts'), upstream] });
}

/** A service made by hand from the usual parts. Takes the arguments of `hand-made-server.ts`. */
export function startHandMade(args: readonly string[]): Promise<ServerProcess> {
  return startProcess({ args: [path.join(import.meta.dirname, 'hand-made-server.ts'), ...args] });
}

/** The settings that make Darkroom call the upstream at `url`. */
export function toUpstreamSettings(url: string): Readonly<Record<string, string>> {
  return { DARKROOM_UPSTREAM: 'google', GEMINI_BASE_URL: url, GEMINI_API_KEY: 'bench-key' };
}

interface Command {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const startMs = 20_000;
const stopMs = 10_000;

const children = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/** Resolves when the process has printed its address and the rest of its start-up message. */
async function startProcess({ args, env = {} }: Command): Promise<ServerProcess> {
  const child = spawn(process.execPath, args, {
    cwd: os.tmpdir(),
    env: { PATH: process.env['PATH'] ?? '', HOME: os.tmpdir(), TMPDIR: os.tmpdir(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  const ended = once(child, 'close').finally(() => children.delete(child));
  const command = args
    .slice(0, 2)
    .map((arg) => path.basename(arg))
    .join(' ');
  try {
    const url = await readAddress(child, { command, ended });
    return { url, pid: child.pid ?? 0, [Symbol.asyncDispose]: () => stop(child, ended) };
  } catch (error) {
    await stop(child, ended);
    throw error;
  }
}

async function readAddress(
  { stdout, stderr }: ChildProcess,
  { command, ended }: { readonly command: string; readonly ended: Promise<unknown> },
): Promise<string> {
  let output = '';
  let errors = '';
  const address = Promise.withResolvers<string>();
  stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
    const [, url] = /(http:\/\/127\.0\.0\.1:\d+)[/\s]/.exec(output) ?? [];
    if (url !== undefined) address.resolve(url);
  });
  stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    // The beginning says why a start failed. The log of a long run is not kept.
    if (errors.length < 10_000) errors += chunk;
  });
  const timer = setTimeout(
    () => address.reject(new Error(`${command} printed no address: ${output}${errors}`)),
    startMs,
  );
  ended.then(
    () => address.reject(new Error(`${command} ended during its start: ${errors}`)),
    (cause: unknown) => address.reject(new Error(`${command} could not be started.`, { cause })),
  );
  return address.promise.finally(() => clearTimeout(timer));
}

async function stop(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), stopMs);
  await ended.catch(() => undefined).finally(() => clearTimeout(timer));
}
