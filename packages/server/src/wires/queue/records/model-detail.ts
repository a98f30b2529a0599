import type { ModelDetail, ModelParameter } from '@darkroom/protocol';
import { z } from 'zod';
import type { ModelSpec } from '../../../models/model-spec.ts';
import { toImagePrice, toReferencePrice } from '../../../models/prices.ts';

/** A model as the wire describes it; its parameters are derived from the payload's own schema. */
export function toModelDetail(model: ModelSpec, organizationId: string): ModelDetail {
  return {
    model: model.id,
    org_id: organizationId,
    display_name: model.displayName,
    brief_description: model.briefDescription,
    detailed_description: model.detailedDescription,
    modalities: { input: ['text', 'image'], output: ['image', 'text'] },
    tags: [...model.tags],
    model_type: 'image',
    delivery_mode: 'async',
    parameters: toParameters(model),
    price_info: {
      price: Math.round(toImagePrice(model.prices, model.limits.imageSizes[0] ?? '') / 100) * 100,
      pricing_type: 'per_image',
      unit: 'image',
    },
    pricing_details: model.pricingDetails,
    prices: toPrices(model),
    ...(model.fallback?.length && { stand_ins: model.fallback.map((one) => one.model) }),
    pixels: model.shapes,
  };
}

/** Micro-dollars, however the provider counts. */
function toPrices({ prices, limits }: ModelSpec): ModelDetail['prices'] {
  const { promptToken, textToken, imageToken, tiers, asOf, source } = prices;
  return {
    currency: 'USD',
    unit: 'micro-dollars',
    per_image: Object.fromEntries(limits.imageSizes.map((size) => [size, toImagePrice(prices, size)])),
    per_reference: toReferencePrice(prices),
    per_token: { prompt: promptToken, text: textToken, image: imageToken },
    ...(tiers && { per_tier: { ...tiers } }),
    as_of: asOf,
    source,
  };
}

/** What `z.toJSONSchema` says of a property, as far as a parameter needs it. */
interface Property {
  readonly type?: string;
  readonly anyOf?: readonly unknown[];
  readonly title?: string;
  readonly description?: string;
  readonly default?: string | number;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
}

function toParameters({ payloadSchema }: ModelSpec): ModelParameter[] {
  const { properties = {} } = z.toJSONSchema(payloadSchema, { io: 'input' });
  return Object.entries(properties).map(([name, property]) => toParameter(name, property as Property)); // the schema is our own
}

function toParameter(name: string, property: Property): ModelParameter {
  return {
    name,
    display_name: property.title ?? name,
    description: property.description ?? '',
    type: property.anyOf ? 'string/array' : (property.type ?? 'string'),
    // Not even the prompt is required: a conversation can replace it, and a client that insisted on a prompt could not send one.
    required: false,
    default_value: property.default ?? null,
    options: property.enum ? [...property.enum] : null,
    min_value: property.minimum ?? null,
    max_value: property.maximum ?? null,
  };
}
