import { automaticRatio } from '@darkroom/protocol';
import { expect, it } from 'vitest';
import { useNotingSandbox } from '../../../test/noting-sandbox.ts';
import { createModelSpec } from '../../models/create-model-spec.ts';
import { systemClock } from '../../platform/clock.ts';
import { googleProvider } from './google-provider.ts';

/** Every model × size × ratio through the real client and the sandbox, which has its own tables. */
const { drawn, draw } = useNotingSandbox((baseUrl) =>
  googleProvider.connect({ apiKey: 'any-key', baseUrl }, { clock: systemClock }),
);
const specs = googleProvider.models.map((entry) => createModelSpec(entry));

it.each(specs.flatMap((spec) => spec.limits.imageSizes.map((size) => [spec.id, size, spec] as const)))(
  '%s at %s draws the pixels that it promises and settles at its estimate, in every ratio',
  async (id, imageSize, spec) => {
    const check = async (aspectRatio: string) => {
      const prompt = `${id} at ${imageSize} in ${aspectRatio}`;
      const parsed = spec.parse({ prompt, image_size: imageSize, aspect_ratio: aspectRatio }, 'model');
      if (parsed.kind === 'refused') throw new Error(JSON.stringify(parsed.issues));
      const order = spec.toOrder(parsed.payload, []);
      const usage = await draw(prompt, { upstreamModel: spec.upstreamId, parameters: order.parameters });
      if (aspectRatio !== automaticRatio) expect(drawn.get(prompt), aspectRatio).toEqual(spec.pixels(order));
      // What the model says and thinks is beyond the estimate, which it never doubles.
      const words = (usage.textTokens + usage.thoughtTokens) * spec.prices.textToken;
      expect(spec.cost(usage) - words, aspectRatio).toBe(spec.price(order));
      expect(words).toBeLessThan(spec.price(order));
    };
    await Promise.all(spec.limits.aspectRatios.map(check));
  },
);
