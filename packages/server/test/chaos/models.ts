import type { TierChoice } from '@darkroom/protocol';
import { fromLane } from '../../src/core/service-tiers.ts';
import type { StandInReason } from '../../src/core/stand-ins.ts';
import { createModelSpec } from '../../src/models/create-model-spec.ts';
import { createModelRegistry, toUpstreamLanes } from '../../src/models/registry.ts';
import { googleModels } from '../../src/providers/google/models.ts';
import { openaiModels } from '../../src/providers/openai/models.ts';

/** The accounts of the chaos, the models that are ordered, and which of them may be called instead of another. */

export const vendors = ['google', 'openai'] as const;
export type Vendor = (typeof vendors)[number];

/** Each is an account of one vendor. */
export const upstreams = { north: 'google', south: 'google', east: 'openai' } as const satisfies Record<string, Vendor>;
// The keys of the object above.
export const upstreamNames = Object.keys(upstreams) as [keyof typeof upstreams, ...(keyof typeof upstreams)[]];

const pro = 'gemini-3-pro-image-preview';
const quick = 'gemini-nano-banana-2.1';
const gpt = 'gpt-image-2';

interface OrderedModel {
  readonly id: string;
  readonly tiers: readonly [TierChoice | undefined, ...(TierChoice | undefined)[]];
}

const geminiTiers: OrderedModel['tiers'] = [undefined, undefined, 'flex', 'cheapest'];

/** What customers order, each as often as the others, and the tiers that they ask for. */
export const orderedModels: readonly [OrderedModel, ...OrderedModel[]] = [
  { id: pro, tiers: geminiTiers },
  { id: quick, tiers: geminiTiers },
  { id: gpt, tiers: [undefined] },
];

/** The stand-ins of each model, as the operator writes them. Each of the first two is made by the other vendor. */
export const fallbacks: Readonly<Record<string, readonly NamedFallback[]>> = {
  [pro]: [
    { model: gpt, when: ['overloaded', 'resting'] },
    { model: quick, when: ['resting'] },
  ],
  [gpt]: [{ model: quick, when: ['overloaded', 'resting', 'deadline'] }],
};

/** The first orders are for these, so that in every run each vendor is called instead of the other. */
export const certainlyRefused = [pro, gpt] as const;

interface NamedFallback {
  readonly model: string;
  readonly when: readonly StandInReason[];
}

const entries = [...googleModels, ...openaiModels].filter(({ id }) => orderedModels.some((one) => one.id === id));
export const models = createModelRegistry(entries.map((entry) => createModelSpec(entry)));

/** The lanes of a vendor's models, by the vendor's ids. */
export function toLanes(vendor: Vendor): readonly string[] {
  return [...lanes].flatMap(([lane, upstreamLane]) => (toVendor(fromLane(lane).model) === vendor ? upstreamLane : []));
}

/** Every lane of the models, with its name at the vendor. */
export const lanes = toUpstreamLanes(models);

/** The vendor of a model that is ordered here. */
export function toVendor(model: string): Vendor {
  const { provider } = models.find(model) ?? {};
  const vendor = vendors.find((one) => one === provider);
  if (!vendor) throw new Error(`Nobody orders ${model}.`);
  return vendor;
}
