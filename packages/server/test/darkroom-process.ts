import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Darkroom, DarkroomAdmin } from '@darkroom/client';
import { findProgram } from './shared/programs.ts';
import { writeMigratedFile } from './store/migrated-file.ts';

const bin = await findProgram('darkroom');
const plainArtist = path.resolve(import.meta.dirname, 'with-plain-artist.mjs');

/** A command of `darkroom` as a separate process, as a person would start it. Only its sandbox draws plain pictures. */
export interface RunningCommand {
  readonly process: ChildProcess;
  /** Everything that it has printed on standard output so far. */
  readonly output: () => string;
  readonly errors: () => string;
  /** Resolves to the exit code when it has ended. */
  readonly ended: Promise<number | null>;
}

export function runDarkroom(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  program = bin,
): RunningCommand {
  const child = spawn(process.execPath, ['--import', plainArtist, program, ...args], {
    env: { PATH: process.env['PATH'] ?? '', HOME: os.tmpdir(), ...env },
    cwd: os.tmpdir(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors += chunk;
  });
  const ended = once(child, 'close').then(([code]) => code as number | null); // 'close' gives the exit code
  return { process: child, output: () => output, errors: () => errors, ended };
}

/** Runs a command to its end. */
export async function darkroom(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const command = runDarkroom(args, env);
  const code = await command.ended;
  return { code, output: command.output(), errors: command.errors() };
}

/** A server process on its own data folder, which survives kills and restarts. */
export class DarkroomProcess {
  readonly dataDir: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #program: string;
  #running: RunningCommand | undefined;
  #url = '';

  private constructor(dataDir: string, env: Readonly<Record<string, string>>, program: string) {
    this.dataDir = dataDir;
    this.#env = env;
    this.#program = program;
  }

  /** `program`: the file to run; when left out, this checkout's own, which is built once in a run of tests. */
  static async start(env: Readonly<Record<string, string>> = {}, program = bin): Promise<DarkroomProcess> {
    const server = new DarkroomProcess(await mkdtemp(path.join(os.tmpdir(), 'darkroom-process-')), env, program);
    if (env['DATABASE_URL'] === undefined) writeMigratedFile(path.join(server.dataDir, 'darkroom.db'));
    await server.restart();
    return server;
  }

  /** Another process on the same data folder. Remove the first one last. */
  async startAnother(): Promise<DarkroomProcess> {
    const server = new DarkroomProcess(this.dataDir, this.#env, this.#program);
    await server.restart();
    return server;
  }

  get url(): string {
    return this.#url;
  }

  get pid(): number {
    const pid = this.#running?.process.pid;
    if (pid === undefined) throw new Error('The server is not running.');
    return pid;
  }

  get errors(): string {
    return this.#running?.errors() ?? '';
  }

  /** The server's output: its banner. */
  get output(): string {
    return this.#running?.output() ?? '';
  }

  /** Starts the process, on a free port, and resolves when it has printed its address. */
  async restart(): Promise<void> {
    const args = ['serve', '--port', '0', '--data-dir', this.dataDir];
    const running = runDarkroom(args, { LOG_LEVEL: 'warn', ...this.#env }, this.#program);
    this.#running = running;
    const { stdout } = running.process;
    while (!/darkroom generate/.test(running.output())) {
      const isOver = await Promise.race([
        running.ended.then(() => true),
        stdout ? once(stdout, 'data').then(() => false) : true,
      ]);
      if (isOver) throw new Error(`The server ended: ${running.errors()}`);
    }
    this.#url = /Address +(\S+)/.exec(running.output())?.[1] ?? '';
  }

  async key(): Promise<string> {
    return (await readFile(path.join(this.dataDir, 'api-key'), 'utf8')).trim();
  }

  async client(): Promise<Darkroom> {
    return new Darkroom({ baseUrl: this.#url, apiKey: await this.key() });
  }

  async admin(): Promise<DarkroomAdmin> {
    return new DarkroomAdmin({ baseUrl: this.#url, apiKey: await this.key() });
  }

  /** Sends a signal and does not wait. */
  signal(signal: 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): void {
    this.#running?.process.kill(signal);
  }

  /** Sends a signal and resolves to the exit code when the process has ended. */
  async end(signal: 'SIGKILL' | 'SIGTERM' = 'SIGTERM'): Promise<number | null> {
    const running = this.#running;
    if (!running) return null;
    this.#running = undefined;
    running.process.kill(signal);
    return running.ended;
  }

  async remove(): Promise<void> {
    await this.end('SIGKILL');
    await rm(this.dataDir, { recursive: true, force: true });
  }
}
