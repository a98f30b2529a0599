import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { findProgram } from '../shared/programs.ts';
import type { ServerPlace } from './ground.ts';
import type { HardTimes } from './hard-times.ts';
import type { MachineState, ServerNews } from './server-process.ts';

export interface FleetOptions {
  /** The folder of the logs. */
  readonly folder: string;
  readonly servers: readonly ServerPlace[];
  readonly hardTimes: HardTimes;
}

const program = await findProgram('chaos-server');
/** Where `darkroom` keeps what it has compiled: a server starts on half the processor time. */
const compileCache = path.join(tmpdir(), 'node-compile-cache');
/** A stop waits for the drain, and for a database or a storage that cannot be reached; operators allow the same time. */
const longestStopMs = 30_000;

interface Running {
  readonly child: ChildProcess;
  /** Resolves to its exit code, or to `null` when a signal ended it. */
  readonly exit: Promise<number | null>;
  /** A stop was requested. */
  isEnding: boolean;
}

interface Berth {
  readonly place: ServerPlace;
  running: Running | undefined;
  /** The address of the server, if it is up. */
  url: string | undefined;
  /** Starts and stops of one server happen one after the other. */
  last: Promise<void>;
}

/** Several servers whose machines have the same clock, and disks in the same state. */
export class Fleet {
  /** The problems of starts and stops, in sentences. */
  readonly problems: string[] = [];
  readonly #options: FleetOptions;
  readonly #berths: readonly Berth[];
  #machine: MachineState = { aheadMs: 0, steppedMs: 0, storage: 'well', isDatabaseFull: false };

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#berths = options.servers.map((place) => ({
      place,
      running: undefined,
      url: undefined,
      last: Promise.resolve(),
    }));
  }

  /** The time on the machines. */
  now(): number {
    return Date.now() + this.#machine.aheadMs + this.#machine.steppedMs;
  }

  /** The addresses of the servers that are up and answer customers. */
  get urls(): readonly string[] {
    return this.#berths.flatMap(({ place, url }) => (place.isApi ? (url ?? []) : []));
  }

  /** Makes time pass in an instant. */
  pass(ms: number): void {
    this.set({ aheadMs: this.#machine.aheadMs + ms });
  }

  /** Sets the clocks forward or back without any time passing. */
  step(ms: number): void {
    this.set({ steppedMs: this.#machine.steppedMs + ms });
  }

  /** Changes the clock or disk of the machines, for all servers at once. */
  set(change: Partial<MachineState>): void {
    this.#machine = { ...this.#machine, ...change };
    for (const { running } of this.#berths) if (running?.child.connected) running.child.send(this.#machine, () => {});
  }

  /** Starts every server that is not up. */
  async startAll(): Promise<void> {
    await Promise.all(this.#berths.map((_, index) => this.start(index)));
  }

  async stopAll(): Promise<void> {
    await Promise.all(this.#berths.map((_, index) => this.stop(index, 'SIGTERM')));
  }

  /** Ends everything that still runs, whatever its state. */
  killAll(): void {
    for (const { running } of this.#berths) running?.child.kill('SIGKILL');
  }

  start(index: number): Promise<void> {
    return this.#next(index, (berth) => this.#start(berth, index));
  }

  stop(index: number, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const berth = this.#berths[index];
    // A kill does not wait until a server is up.
    if (signal === 'SIGKILL' && berth?.running && berth.url === undefined) kill(berth.running, signal);
    return this.#next(index, (berth) => this.#stop(berth, index, signal));
  }

  #next(index: number, work: (berth: Berth) => Promise<void>): Promise<void> {
    const berth = this.#berths[index];
    if (!berth) throw new Error(`There is no server ${index}`);
    berth.last = berth.last.then(() => work(berth));
    return berth.last;
  }

  async #start(berth: Berth, index: number): Promise<void> {
    if (berth.running) return;
    const startedAt = Date.now();
    const running = await this.#launch(berth, index);
    berth.running = running;
    const news = await Promise.race([once(running.child, 'message'), running.exit.then(() => undefined)]);
    if (news !== undefined) {
      const [{ url }] = news as [ServerNews]; // the child sends nothing else
      berth.url = url;
      running.child.send(this.#machine, () => {}); // changes since it started
    }
    void running.exit.then(() => this.#forget(berth, index, running));
    if (news !== undefined || running.isEnding) return;
    berth.running = undefined;
    if (this.#options.hardTimes.wereSince(startedAt)) {
      await pause(200);
      await this.#start(berth, index);
    } else {
      this.problems.push(`Server ${index} did not start; its log says why.`);
    }
  }

  async #launch({ place }: Berth, index: number): Promise<Running> {
    const log = await open(path.join(this.#options.folder, `server-${index}.log`), 'a');
    const child = fork(program, [JSON.stringify(this.#machine)], {
      execArgv: [],
      env: { PATH: process.env['PATH'] ?? '', NODE_COMPILE_CACHE: compileCache, ...place.env },
      stdio: ['ignore', log.fd, log.fd, 'ipc'],
    });
    await log.close();
    const exit = once(child, 'exit').then(([code]) => code as number | null); // 'exit' gives the exit code
    return { child, exit, isEnding: false };
  }

  /** An exit that nobody requested is a problem. */
  #forget(berth: Berth, index: number, running: Running): void {
    if (berth.running !== running) return;
    berth.running = undefined;
    berth.url = undefined;
    const { exitCode, signalCode } = running.child;
    if (!running.isEnding) this.problems.push(`Server ${index} ended by itself (${exitCode ?? signalCode}).`);
  }

  async #stop(berth: Berth, index: number, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const { running } = berth;
    if (!running) return;
    berth.url = undefined;
    berth.running = undefined;
    kill(running, signal);
    const late = setTimeout(() => {
      this.problems.push(`Server ${index} had not stopped after ${longestStopMs / 1_000} s.`);
      kill(running, 'SIGKILL');
    }, longestStopMs);
    const code = await running.exit;
    clearTimeout(late);
    if (signal === 'SIGTERM' && code !== 0) this.problems.push(`Server ${index} ended with ${code} after SIGTERM.`);
  }
}

function kill(running: Running, signal: 'SIGKILL' | 'SIGTERM'): void {
  running.isEnding = true;
  running.child.kill(signal);
}
