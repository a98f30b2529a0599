import os from 'node:os';
import { vi } from 'vitest';
import { runCommand } from '../src/cli/run-command.ts';

/**
 * Runs a command of `darkroom` to its end in this process, with only the given environment, as `darkroom` of
 * `darkroom-process.ts` does in another: that takes thirty times as long. Not for commands that run a server. Commands that are called together run one after another.
 */
export function darkroom(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const running = last.then(() => run(words, env));
  last = running.catch(() => undefined);
  return running;
}

let last: Promise<unknown> = Promise.resolve();

async function run(words: readonly string[], env: Readonly<Record<string, string>>) {
  const [output, errors]: [string[], string[]] = [[], []];
  const into = (lines: string[]) => (text: unknown) => {
    lines.push(String(text));
    return true;
  };
  const line = (lines: string[]) => (text: unknown) => void lines.push(`${text}\n`);
  const spies = [
    vi.spyOn(console, 'log').mockImplementation(line(output)),
    vi.spyOn(console, 'error').mockImplementation(line(errors)),
    vi.spyOn(process.stdout, 'write').mockImplementation(into(output)),
    vi.spyOn(process.stderr, 'write').mockImplementation(into(errors)),
    vi.spyOn(process, 'cwd').mockReturnValue(os.tmpdir()),
  ];
  const before = { env: process.env, exitCode: process.exitCode };
  process.env = { PATH: before.env['PATH'], HOME: os.tmpdir(), ...env };
  process.exitCode = undefined;
  try {
    await runCommand(words);
    return { code: Number(process.exitCode ?? 0), output: output.join(''), errors: errors.join('') };
  } finally {
    process.env = before.env;
    process.exitCode = before.exitCode;
    for (const spy of spies) spy.mockRestore();
  }
}
