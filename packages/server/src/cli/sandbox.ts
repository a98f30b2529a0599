import type { Command } from 'commander';
import { commandWords, isInstalled } from '../platform/installation.ts';
import { parseWholeNumber } from './whole-number.ts';

export function registerSandbox(program: Command): void {
  program
    .command('sandbox')
    .description('Run only the sandbox: a server that speaks the Gemini API and draws the pictures itself.')
    .option('--port <number>', 'The port to listen on; 0 takes any free one.', parseWholeNumber(0, 65_535), 4601)
    .option('--host <address>', 'The address to listen on.', '127.0.0.1')
    .option(
      '--batch-delay <seconds>',
      'How long batch jobs are pending before they are made.',
      parseWholeNumber(0, 86_400),
      1,
    )
    .option('--lenient-signatures', 'Accept turns of the model without their thought signatures.')
    .action(runSandbox);
}

interface SandboxOptions {
  readonly host: string;
  readonly port: number;
  readonly batchDelay: number;
  readonly lenientSignatures?: true;
}

async function runSandbox({ host, port, batchDelay, lenientSignatures }: SandboxOptions): Promise<void> {
  // Only this command needs it.
  const { serveSandbox } = await import('@darkroom/sandbox');
  const signatures = lenientSignatures ? 'lenient' : 'strict';
  await serveSandbox({ host, port, signatures, batchDelayMs: batchDelay * 1_000 }, announce);
}

function announce(url: string): string {
  return `
  The sandbox speaks the Gemini API at ${url}

  Point Darkroom, or any client of the Gemini API, at it:

DARKROOM_UPSTREAM=google GEMINI_BASE_URL=${url} GEMINI_API_KEY=any-key-will-do ${isInstalled ? commandWords : 'npm start'}

`;
}
