import { automaticRatio } from '@darkroom/protocol';
import { expect, it } from 'vitest';
import { useNotingSandbox } from '../../../test/noting-sandbox.ts';
import { createModelSpec } from '../../models/create-model-spec.ts';
import type { ModelSpec } from '../../models/model-spec.ts';
import { systemClock } from '../../platform/clock.ts';
import { openaiProvider } from './openai-provider.ts';

/** Every model × size × ratio × quality through the real client and the sandbox, which has its own tables. */
const { drawn, draw } = useNotingSandbox((url) =>
  openaiProvider.connect({ apiKey: 'any-key', baseUrl: `${url}/v1` }, { clock: systemClock }),
);
const specs = openaiProvider.models.map((entry) => createModelSpec(entry));

it.each(specs.flatMap((spec) => (spec.limits.qualities ?? []).map((quality) => [spec.id, quality, spec] as const)))(
  '%s in quality %s draws the pixels that it promises and settles at its estimate',
  async (id, quality, spec) => {
    const check = async (imageSize: string, aspectRatio: string) => {
      const prompt = `${id} at ${imageSize} in ${aspectRatio}, ${quality}`;
      const order = toOrder(spec, { prompt, image_size: imageSize, aspect_ratio: aspectRatio, quality });
      const pixels = spec.pixels(order);
      const call = { upstreamModel: spec.upstreamId, parameters: order.parameters, ...(pixels && { pixels }) };
      const { usage } = await draw(prompt, call);
      const estimate = spec.price(order);
      if (aspectRatio === automaticRatio) return expect(spec.cost(usage)).toBeLessThanOrEqual(estimate);
      expect(drawn.get(prompt), prompt).toEqual(pixels);
      expect(spec.cost(usage), prompt).toBe(estimate);
    };
    for (const size of spec.limits.imageSizes)
      await Promise.all(spec.limits.aspectRatios.map((ratio) => check(size, ratio)));
  },
);

function toOrder(spec: ModelSpec, payload: object) {
  const parsed = spec.parse(payload, 'model');
  if (parsed.kind === 'refused') throw new Error(JSON.stringify(parsed.issues));
  return spec.toOrder(parsed.payload, []);
}
