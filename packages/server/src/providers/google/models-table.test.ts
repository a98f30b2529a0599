import { automaticRatio, type ServiceTier } from '@darkroom/protocol';
import { expect, it } from 'vitest';
import { useNotingSandbox } from '../../../test/noting-sandbox.ts';
import { createModelSpec } from '../../models/create-model-spec.ts';
import { toTierFactor } from '../../models/prices.ts';
import { toTiers } from '../../models/tier-choice.ts';
import { systemClock } from '../../platform/clock.ts';
import { googleProvider } from './google-provider.ts';

/** Every model × size × ratio × service tier through the real client and the sandbox, which has its own tables. */
const { drawn, draw } = useNotingSandbox((baseUrl) =>
  googleProvider.connect({ apiKey: 'any-key', baseUrl }, { clock: systemClock }),
);
const specs = googleProvider.models.map((entry) => createModelSpec(entry));

it.each(specs.flatMap((spec) => spec.limits.imageSizes.map((size) => [spec.id, size, spec] as const)))(
  '%s at %s draws the pixels that it promises and settles at its estimate, in every ratio and tier',
  async (id, imageSize, spec) => {
    const check = async (aspectRatio: string, tier: ServiceTier) => {
      const prompt = `${id} at ${imageSize} in ${aspectRatio}, ${tier}`;
      const parsed = spec.parse({ prompt, image_size: imageSize, aspect_ratio: aspectRatio }, 'model');
      if (parsed.kind === 'refused') throw new Error(JSON.stringify(parsed.issues));
      const order = spec.toOrder(parsed.payload, []);
      const call = { upstreamModel: spec.upstreamId, parameters: order.parameters, serviceTier: tier };
      const { usage, serviceTier } = await draw(prompt, call);
      expect(serviceTier).toBe(tier);
      if (aspectRatio !== automaticRatio) expect(drawn.get(prompt), aspectRatio).toEqual(spec.pixels(order));
      // What the model says and thinks is beyond the estimate, which it never doubles.
      const words = { ...usage, imageTokens: 0, promptTokens: 0 };
      const withoutWords = spec.cost({ ...usage, textTokens: 0, thoughtTokens: 0 }, { tier: serviceTier });
      expect(withoutWords, `${aspectRatio}, ${tier}`).toBe(spec.price(order, tier));
      expect(spec.cost(words, { tier })).toBeLessThan(spec.price(order, tier));
      const standard = spec.price(order) * toTierFactor(spec.prices, tier);
      // Each is rounded up.
      expect(Math.abs(spec.price(order, tier) - standard)).toBeLessThanOrEqual(1);
    };
    // Nothing is called in the batch tier: `batch/` has its table.
    const tiers = toTiers(spec).filter((tier) => tier !== 'batch');
    await Promise.all(spec.limits.aspectRatios.flatMap((ratio) => tiers.map((tier) => check(ratio, tier))));
  },
);
