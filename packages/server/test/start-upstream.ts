import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createSandboxServer, type Illustrate } from '@darkroom/sandbox';
import sharp from 'sharp';

const drawSmall: Illustrate = () =>
  sharp({ create: { width: 64, height: 64, channels: 3, background: '#a32' } })
    .jpeg()
    .toBuffer();

/** A sandbox that a Darkroom takes for Google, so that its calls cost money. */
export async function startUpstream(illustrate = drawSmall) {
  const spoolFolder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-upstream-'));
  const sandbox = createSandboxServer({ host: '127.0.0.1', port: 0, spoolFolder, illustrate });
  await sandbox.start();
  return {
    settings: { GEMINI_API_KEY: 'a-test-key', GEMINI_BASE_URL: sandbox.url },
    /** The calls that have come so far. */
    calls: () => sandbox.calls.total,
    stop: async () => {
      await sandbox.stop();
      await rm(spoolFolder, { recursive: true });
    },
  };
}
