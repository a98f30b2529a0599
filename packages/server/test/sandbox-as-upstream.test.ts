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
import { createSandboxHarness } from './sandbox-harness.ts';

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

function createHarness(connect: (url: string) => ConnectedModel): Promise<ImageModelHarness> {
  return createSandboxHarness({
    connect,
    prompts,
    upstreamModel: 'gemini-3-pro-image',
    isSigned: true,
    facts: ['usage', 'modelVersion', 'responseId', 'finishReason'],
    parameters: { imageSize: '1K', aspectRatio: '1:1' },
  });
}
