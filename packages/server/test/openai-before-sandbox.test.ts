import { systemClock } from '../src/platform/clock.ts';
import {
  describeImageModelContract,
  type ImageModelHarness,
  type Scenario,
} from '../src/providers/image-model.contract.ts';
import { OpenaiImageModel } from '../src/providers/openai/openai-image-model.ts';
import { createSandboxHarness } from './sandbox-harness.ts';

/** OpenAI's client keeps the promises that it keeps with recorded answers also with the strict sandbox. */

describeImageModelContract('OpenaiImageModel before the sandbox', createHarness, { absent: ['drafts', 'text-only'] });

const prompts: Readonly<Record<Scenario, string>> = {
  picture: 'a cat',
  drafts: 'a cat',
  'text-only': 'a cat',
  'prompt-blocked': 'a cat [[sandbox block=PROHIBITED_CONTENT]]',
  'image-blocked': 'a cat [[sandbox finish=IMAGE_SAFETY]]',
  'no-image': 'a cat [[sandbox no-image]]',
  overloaded: 'a cat [[sandbox status=503]]',
  'rate-limited': 'a cat [[sandbox status=429 retry=34.5s]]',
  'daily-quota': 'a cat [[sandbox status=429 kind=day]]',
  'internal-error': 'a cat [[sandbox status=500]]',
  silence: 'a cat [[sandbox hang]]',
  'half-answer': 'a cat [[sandbox stall]]',
  'cut-answer': 'a cat [[sandbox reset]]',
};

function createHarness(): Promise<ImageModelHarness> {
  return createSandboxHarness({
    connect: (url) => new OpenaiImageModel({ baseUrl: `${url}/v1`, apiKey: 'any', clock: systemClock }),
    prompts,
    upstreamModel: 'gpt-image-2',
    isSigned: false,
    facts: ['usage', 'responseId'],
    parameters: { imageSize: '1K', aspectRatio: '1:1', quality: 'low' },
  });
}
