import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FetchLimits } from '../../src/media/references/fetch-limits.ts';
import {
  createReferenceFetcher,
  type FetchedReference,
  type ReferenceFetcher,
} from '../../src/media/references/reference-fetcher.ts';
import { type Clock, systemClock } from '../../src/platform/clock.ts';
import { listen, ScriptedServer } from './scripted-server.ts';

/** For tests: a fetcher that may reach the loopback, a web server there, and a spool folder. */
export class FetcherHarness {
  readonly server: ScriptedServer;
  readonly folder: string;
  /** The pauses between tries, which are recorded and not waited for. */
  readonly slept: number[] = [];
  #fetcher: ReferenceFetcher;

  static async start(): Promise<FetcherHarness> {
    return new FetcherHarness(await ScriptedServer.start(), await mkdtemp(join(tmpdir(), 'darkroom-spool-')));
  }

  private constructor(server: ScriptedServer, folder: string) {
    this.server = server;
    this.folder = folder;
    this.#fetcher = this.#createFetcher({});
  }

  /** Continues with a fetcher that has these limits. */
  async limit(limits: Partial<FetchLimits>, clock?: Clock): Promise<void> {
    await this.#fetcher.close();
    this.#fetcher = this.#createFetcher(limits, clock);
  }

  async fetch(url: string, signal: AbortSignal = new AbortController().signal): Promise<FetchedReference> {
    return await this.#fetcher.fetch(url, { folder: this.folder, signal });
  }

  /** The reason of the failure; throws when there was none, or when anything was left in the folder. */
  async fail(url: string): Promise<string> {
    const before = await this.files();
    const fetched = await this.fetch(url);
    const left = (await this.files()).filter((file) => !before.includes(file));
    if (fetched.kind === 'fetched' || left.length > 0) throw new Error(`This is left: ${left}`);
    return fetched.reason;
  }

  /** The bytes of the file; throws when there is none. */
  async read(url: string): Promise<Buffer> {
    const fetched = await this.fetch(url);
    if (fetched.kind === 'failed') throw new Error(fetched.reason);
    return await readFile(fetched.file.path);
  }

  async files(): Promise<string[]> {
    return await readdir(this.folder);
  }

  async closeFetcher(): Promise<void> {
    await this.#fetcher.close();
  }

  async close(): Promise<void> {
    await this.#fetcher.close();
    await this.server.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  #createFetcher(limits: Partial<FetchLimits>, clock: Clock = this.#createHastyClock()): ReferenceFetcher {
    return createReferenceFetcher({ allowPrivateHosts: ['127.0.0.1'], clock, chance: () => 0.5, limits });
  }

  #createHastyClock(): Clock {
    return { now: () => systemClock.now(), sleep: async (ms) => void this.slept.push(ms) };
  }
}

/** Runs the test with a server that speaks no protocol; passes its port to the test. */
export async function withRawServer<T>(
  onConnection: (socket: Socket) => void,
  test: (port: number) => Promise<T>,
): Promise<T> {
  const sockets = new Set<Socket>();
  const raw = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    onConnection(socket);
  });
  try {
    return await test(await listen(raw));
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => raw.close(resolve));
  }
}
