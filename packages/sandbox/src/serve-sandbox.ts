import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createSandboxServer, type SandboxServerOptions } from './sandbox-server.ts';

type ServeOptions = Pick<SandboxServerOptions, 'host' | 'port' | 'signatures' | 'batchDelayMs'>;

/** Runs a sandbox alone until the process is told to stop. Prints what `announce` makes of its URL once it answers. */
export async function serveSandbox(options: ServeOptions, announce: (url: string) => string): Promise<void> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-sandbox-'));
  const sandbox = createSandboxServer({ ...options, spoolFolder: folder, logger: errorLines });
  try {
    await sandbox.start();
    process.stdout.write(announce(sandbox.url));
    await new Promise<void>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
    });
    await sandbox.stop();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const errorLines: NonNullable<SandboxServerOptions['logger']> = {
  debug: () => {},
  info: () => {},
  error: (fields) => console.error(JSON.stringify({ level: 'error', time: Date.now(), ...fields })),
};
