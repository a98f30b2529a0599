import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { darkroom } from './run-here.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-completion-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('darkroom completion', () => {
  it('completes commands, their commands and flags in bash', async () => {
    const { output } = await darkroom(['completion', 'bash']);
    const script = path.join(folder, 'completion.bash');
    await writeFile(script, output);
    const complete = async (...words: readonly string[]) => {
      const program = `source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _darkroom; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const { stdout } = await promisify(execFile)('bash', ['-c', program, script, 'darkroom', ...words]);
      return stdout.trim().split('\n');
    };
    expect(await complete('gen')).toEqual(['generate']);
    expect(await complete('webhooks', 'de')).toEqual(['deliveries']);
    expect(await complete('batch', 'file.jsonl', '--conc')).toEqual(['--concurrency']);
    expect(await complete('pause', 'up')).toEqual(['upstream']);
  });

  it.each(['zsh', 'fish'])('gives %s each command with its flags and their meanings', async (shell) => {
    const { output } = await darkroom(['completion', shell]);
    const [, create] = /'keys create'\)?([\s\S]*?)'keys list'/.exec(output) ?? [];
    expect(create).toMatch(/--organization'?[: ]'?The organizations whose requests it may make/);
    expect(create).toContain('--admin');
    expect(create).not.toContain('--show');
  });

  it('supports no other shell', async () => {
    expect(await darkroom(['completion', 'csh'])).toMatchObject({
      code: 1,
      errors: expect.stringContaining('bash, zsh, fish'),
    });
  });
});
