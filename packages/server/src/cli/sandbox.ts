import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import { parseWholeNumber } from './whole-number.ts';

export function registerSandbox(program: Command): void {
  program
    .command('sandbox')
    .description('Run only the sandbox: a server that speaks the Gemini API and draws the pictures itself.')
    .option('--port <number>', 'The port to listen on; 0 takes any free one.', parseWholeNumber(0, 65_535), 4601)
    .option('--host <address>', 'The address to listen on.', '127.0.0.1')
    .option('--lenient-signatures', 'Accept turns of the model without their thought signatures.')
    .action(runSandbox);
}

interface SandboxOptions {
  readonly host: string;
  readonly port: number;
  readonly lenientSignatures?: true;
}

async function runSandbox({ host, port, lenientSignatures }: SandboxOptions): Promise<void> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-sandbox-'));
  const { createLogger } = await import('../platform/logger.ts');
  // Only this command needs it.
  const { createSandboxServer } = await import('@darkroom/sandbox');
  const sandbox = createSandboxServer({
    host,
    port,
    signatures: lenientSignatures ? 'lenient' : 'strict',
    spoolFolder: folder,
    logger: createLogger('warn'),
  });
  try {
    await sandbox.start();
    process.stdout.write(`
  The sandbox speaks the Gemini API at ${sandbox.url}

  Point Darkroom, or any client of the Gemini API, at it:

DARKROOM_UPSTREAM=google GEMINI_BASE_URL=${sandbox.url} GEMINI_API_KEY=any-key-will-do npm start

`);
    await new Promise<void>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
    });
    await sandbox.stop();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
