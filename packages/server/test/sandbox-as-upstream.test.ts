import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Illustrate } from '@darkroom/sandbox';
import { createSandboxServer } from '@darkroom/sandbox';
import { pino } from 'pino';
import sharp from 'sharp';
import { expect } from 'vitest';
import { systemClock } from '../src/platform/clock.ts';
import { googleProvider } from '../src/providers/google/google-provider.ts';
import { vertexProvider } from '../src/providers/google/vertex/vertex-provider.ts';
import {
  describeImageModelContract,
  type ImageModelHarness,
  type Scenario,
} from '../src/providers/image-model.contract.ts';
import type { ConnectedModel } from '../src/providers/provider.ts';
import { TokenService } from './fakes/token-service.ts';

/**
 * The suite's second upstream: the client keeps the promises that it keeps with recorded answers also with the strict
 * sandbox.
 */

describeImageModelContract('GoogleImageModel before the sandbox', createStudioHarness);
// Vertex AI has no quota of a day.
describeImageModelContract('Vertex AI before the sandbox', createVertexHarness, { absent: ['daily-quota'] });

const prompts: Readonly<Record<Scenario, string>> = {
  picture: 'a cat',
  drafts: 'a cat [[sandbox thoughts]]',
  'text-only': 'a cat [[sandbox no-image]]',
  'prompt-blocked': 'a cat [[sandbox block=PROHIBITED_CONTENT]]',
  'image-blocked': 'a cat [[sandbox finish=IMAGE_SAFETY]]',
  'no-image': 'a cat [[sandbox finish=NO_IMAGE]]',
  overloaded: 'a cat [[sandbox status=503]]',
  'rate-limited': 'a cat [[sandbox status=429 retry=34.5s]]',
  'daily-quota': 'a cat [[sandbox status=429 kind=day]]',
  'internal-error': 'a cat [[sandbox status=500]]',
  silence: 'a cat [[sandbox hang]]',
  'half-answer': 'a cat [[sandbox stall]]',
  'cut-answer': 'a cat [[sandbox reset]]',
};

function createStudioHarness(): Promise<ImageModelHarness> {
  return createHarness((baseUrl) => googleProvider.connect({ baseUrl, apiKey: 'any' }, { clock: systemClock }));
}

async function createVertexHarness(): Promise<ImageModelHarness> {
  const tokens = await TokenService.start();
  const { credentialsFile } = tokens;
  const harness = await createHarness((baseUrl) =>
    vertexProvider.connect({ baseUrl, apiKey: '', project: 'my-project', credentialsFile }, { clock: systemClock }),
  );
  return { ...harness, close: () => harness.close().then(() => tokens.close()) };
}

async function createHarness(connect: (url: string) => ConnectedModel): Promise<ImageModelHarness> {
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
    model,
    upstreamModel: 'gemini-3-pro-image',
    isSigned: true,
    facts: ['usage', 'modelVersion', 'responseId', 'finishReason'],
    parameters: { imageSize: '1K', aspectRatio: '1:1' },
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
