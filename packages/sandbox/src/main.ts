import { parseArgs } from 'node:util';
import { serveSandbox } from './serve-sandbox.ts';

/** The program of this package: the sandbox alone. */
const usage = `Usage: darkroom-sandbox [options]

Runs a server that speaks the Gemini API and draws the pictures itself.

  --port <number>        The port to listen on; 0 takes any free one. (default: 4601)
  --host <address>       The address to listen on. (default: 127.0.0.1)
  --lenient-signatures   Accept turns of the model without their thought signatures.
  --help                 Show this text.
`;

await main(process.argv.slice(2));

async function main(words: string[]): Promise<void> {
  try {
    const { values } = parseArgs({
      args: words,
      options: {
        port: { type: 'string', default: '4601' },
        host: { type: 'string', default: '127.0.0.1' },
        'lenient-signatures': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) process.stdout.write(usage);
    else {
      const signatures = values['lenient-signatures'] ? 'lenient' : 'strict';
      await serveSandbox({ host: values.host, port: toPort(values.port), signatures }, announce);
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

function toPort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new Error('--port must be a whole number from 0 to 65535.');
}

function announce(url: string): string {
  return `
  The sandbox speaks the Gemini API at ${url}

  Give a client of the Gemini API this base URL and any key. Press Ctrl+C to stop.

`;
}
