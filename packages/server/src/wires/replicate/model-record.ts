import type { ModelSpec } from '../../models/model-spec.ts';
import { matchInput } from './input.ts';
import { type NamedModel, toVersionId } from './model-names.ts';

/** A model as Replicate writes it, with its only version. */
export function toModelRecord(named: NamedModel, publicUrl: string) {
  const [owner, name] = named.name.split('/');
  return {
    url: `${publicUrl}/v1/models/${named.name}`,
    owner,
    name,
    description: named.model.briefDescription,
    visibility: 'public',
    is_official: true,
    github_url: null,
    paper_url: null,
    license_url: null,
    cover_image_url: null,
    default_example: null,
    run_count: 0,
    latest_version: toVersionRecord(named),
  };
}

/** The version has no date of its own: what a model is here changes with the service. */
const createdAt = '2026-01-01T00:00:00.000Z';

export function toVersionRecord(named: NamedModel) {
  const schemas = {
    Input: toInputSchema(named),
    Output: { title: 'Output', type: 'string', format: 'uri' },
  };
  return {
    id: toVersionId(named.name),
    created_at: createdAt,
    cog_version: '0',
    openapi_schema: {
      openapi: '3.0.2',
      info: { title: named.name, version: '1' },
      paths: {},
      components: { schemas },
    },
  };
}

/** What pages that draw a form of a model need to know. */
function toInputSchema({ model, resolution }: NamedModel) {
  const { maxReferences, maxImages } = model.limits;
  const pictures = { type: 'array', items: { type: 'string', format: 'uri' }, default: [], maxItems: maxReferences };
  return {
    title: 'Input',
    type: 'object',
    required: ['prompt'],
    properties: {
      prompt: { type: 'string', title: 'Prompt', 'x-order': 0 },
      image_input: { ...pictures, title: 'Image Input', 'x-order': 1 },
      aspect_ratio: { enum: [matchInput, ...toRatios(model)], type: 'string', default: matchInput, 'x-order': 2 },
      resolution: {
        enum: model.limits.imageSizes,
        type: 'string',
        default: resolution ?? model.limits.imageSizes[0],
        'x-order': 3,
      },
      output_format: { enum: ['jpg', 'png', 'webp'], type: 'string', default: 'jpg', 'x-order': 4 },
      num_outputs: { type: 'integer', minimum: 1, maximum: maxImages, default: 1, 'x-order': 5 },
    },
  };
}

function toRatios({ limits }: ModelSpec): readonly string[] {
  return limits.aspectRatios.filter((ratio) => ratio.includes(':'));
}
