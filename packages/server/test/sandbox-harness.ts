import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSandboxServer, type Illustrate } from '@darkroom/sandbox';
import { pino } from 'pino';
import sharp from 'sharp';
import { expect } from 'vitest';
import type { ImageModelHarness, Scenario } from '../src/providers/image-model.contract.ts';
import type { ConnectedModel } from '../src/providers/provider.ts';

interface Client extends Pick<ImageModelHarness, 'upstreamModel' | 'isSigned' | 'facts' | 'parameters'> {
  /** The client of a vendor; `url` is the sandbox's. */
  readonly connect: (url: string) => ConnectedModel;
  /** What makes the sandbox play each scenario. */
  readonly prompts: Readonly<Record<Scenario, string>>;
}

/** The second upstream of the contract suite: a vendor's client before the strict sandbox. */
export async function createSandboxHarness({ connect, prompts, ...facts }: Client): Promise<ImageModelHarness> {
  const spoolFolder = await mkdtemp(join(tmpdir(), 'sandbox-'));
  const stalls = new Stalls();
  const server = createSandboxServer({
    host: '127.0.0.1',
    port: 0,
    illustrate: drawSquare,
    spoolFolder,
    logger: pino({ level: 'debug' }, stalls),
  });
  await server.start();
  const model = connect(server.url);
  return {
    ...facts,
    model,
    arrange: async (scenario) => prompts[scenario],
    calls: () => server.calls.total,
    untilCalls: (count) => expect.poll(() => stalls.count).toBe(count),
    close: async () => {
      await model.close();
      await server.stop();
      await rm(spoolFolder, { recursive: true });
    },
  };
}

const drawSquare: Illustrate = ({ pixels, format = 'jpeg' }) =>
  sharp({ create: { ...pixels, channels: 3, background: '#4a6' } })
    .toFormat(format)
    .toBuffer();

/** The calls that the sandbox leaves without an answer or with half of one, according to its log. */
class Stalls {
  count = 0;

  write(line: string): void {
    if (line.includes('"sandbox.stalled"')) this.count += 1;
  }
}
