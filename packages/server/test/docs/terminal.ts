import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';

export interface TerminalOptions {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** Ends everything that runs in it. */
  readonly signal: AbortSignal;
}

/** A shell that stays open, as a reader's does: what one block sets still exists in the next. The first error closes it. */
export class Terminal {
  readonly #options: TerminalOptions;
  readonly #shell: ChildProcess;
  readonly #isClosed: Promise<true>;
  #blocks = 0;

  constructor(options: TerminalOptions) {
    const { folder, env, signal } = options;
    this.#options = options;
    this.#shell = spawn('bash', ['--noprofile', '--norc', '-euo', 'pipefail'], { cwd: folder, env, signal });
    this.#isClosed = once(this.#shell, 'close').then(
      () => true,
      () => true,
    );
  }

  /** Resolves to the output of the block; rejects with its errors when one of its commands fails. */
  async run(code: string): Promise<string> {
    this.#blocks += 1;
    const file = path.join(this.#options.folder, `.block-${this.#blocks}`);
    await writeFile(file, code);
    const { stdin, stdout } = this.#shell;
    if (!stdin || !stdout) throw new Error('The shell has no pipes.');
    stdin.write(`. ${file} </dev/null >${file}.out 2>${file}.err\necho done\n`);
    const isClosed = await Promise.race([once(stdout, 'data').then(() => false), this.#isClosed]);
    const output = await readFile(`${file}.out`, 'utf8');
    if (!isClosed) return output;
    throw new Error(`A command fails.\n${output}${await readFile(`${file}.err`, 'utf8')}`);
  }

  /** Runs a program to its end or, with `isEnough`, until that accepts the output so far; the program is then asked to stop. */
  async runProgram(
    [command, ...args]: readonly [string, ...string[]],
    { env = {}, isEnough }: ProgramOptions = {},
  ): Promise<string> {
    const { folder, signal, ...own } = this.#options;
    const program = spawn(command, args, {
      cwd: folder,
      env: { ...own.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
    });
    const closed = once(program, 'close');
    const errors = text(program.stderr);
    let [output, isAsked] = ['', false];
    try {
      for await (const chunk of program.stdout.setEncoding('utf8')) {
        output += chunk;
        if (!isAsked && (await isEnough?.(output))) isAsked = program.kill('SIGTERM');
      }
    } catch (error) {
      program.kill('SIGTERM');
      throw error;
    }
    const [code, killedBy] = (await closed) as [number | null, string | null]; // 'close' gives these
    if (code === 0 || (isAsked && killedBy === 'SIGTERM')) return output;
    throw new Error(`It ends with ${code ?? killedBy}.\n${output}${await errors}`);
  }

  async close(): Promise<void> {
    this.#shell.stdin?.end();
    await this.#isClosed;
  }
}

interface ProgramOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly isEnough?: (output: string) => Promise<boolean> | boolean;
}
