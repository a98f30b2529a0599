import type { FastifyRequest } from 'fastify';
import { createInputProblem } from '../../core/parse-input.ts';
import { Problem } from '../../core/problem.ts';
import type { ModelSpec } from '../../models/model-spec.ts';
import type { ModelRegistry } from '../../models/registry.ts';
import type { LongSubmission } from '../long-calls.ts';
import { toSizeChoice } from '../openai-sizes.ts';
import { type ImageCall, listPictures, toReference } from './image-call.ts';

export interface ToSubmission {
  readonly submission: LongSubmission;
  /** What the caller is to know about how the call was read. */
  readonly warnings: readonly string[];
}

/** An hour, after which clients have long gone. */
const deadlineSeconds = 3_600;

/** A call as a submission of the queue. Throws the `Problem` of a model that does not exist, or of an edit without a picture. */
export function toSubmission(
  request: FastifyRequest,
  call: ImageCall,
  { models, isEdit }: { readonly models: ModelRegistry; readonly isEdit: boolean },
): ToSubmission {
  const model = findModel(models, call.model);
  const { payload, warnings } = toPayload(call, model, isEdit);
  return {
    warnings,
    submission: {
      caller: request.caller,
      model: model.id,
      payload,
      payloadText: () => JSON.stringify(payload),
      priority: 0,
      deadlineSeconds,
      webhook: undefined,
      idempotency: toIdempotency(request),
      wire: 'openai',
      limits: 'model',
    },
  };
}

/** Without a name, the first model of the catalogue. */
function findModel(models: ModelRegistry, name: string | undefined): ModelSpec {
  const found = name === undefined ? models.list()[0] : models.find(name);
  if (found) return found;
  throw new Problem('model_not_found', 'There is no model of this name.');
}

function toPayload(call: ImageCall, model: ModelSpec, isEdit: boolean) {
  const { prompt, n, output_format, output_compression, mask, image: _image, images: _images } = call;
  const image = listPictures(call);
  if (isEdit && image.length === 0 && call.previous_request_id === undefined)
    throw createInputProblem([{ path: 'image', message: 'is missing: an edit needs a picture' }]);
  if (n !== undefined && n > model.limits.maxImages)
    throw createInputProblem([{ path: 'n', message: `must be at most ${model.limits.maxImages} with ${model.id}` }]);
  const size = toSizeChoice(call, model.limits, { isEdit });
  const payload = {
    prompt,
    ...(image.length > 0 && { image }),
    ...(mask !== undefined && { mask: toReference(mask) }),
    ...size.payload,
    ...(n !== undefined && { number_of_images: n }),
    image_output_format: output_format,
    ...(output_format !== 'png' &&
      output_compression !== undefined && { image_output_compression: output_compression }),
    ...pick(call, passedOn),
    ...pick(call, keptAlong),
  };
  return { payload, warnings: size.warnings };
}

/** Parameters of the queue that callers of this wire may add. */
const passedOn = [
  'previous_request_id',
  'previous_image',
  'system_instruction',
  'temperature',
  'top_p',
  'seed',
  'safety_settings',
  'thinking_level',
  'google_search',
] as const satisfies readonly (keyof ImageCall)[];

/** Kept with the request, to be found there. */
const keptAlong = ['user', 'safety_identifier', 'metadata'] as const satisfies readonly (keyof ImageCall)[];

function pick<K extends keyof ImageCall>(call: ImageCall, keys: readonly K[]): Partial<Pick<ImageCall, K>> {
  const entries = keys.filter((key) => call[key] !== undefined).map((key) => [key, call[key]] as const);
  return Object.fromEntries(entries) as Partial<Pick<ImageCall, K>>; // the keys that were picked
}

function toIdempotency({ headers, sentJson }: FastifyRequest): LongSubmission['idempotency'] {
  const key = headers['idempotency-key'];
  return key === undefined ? undefined : { key: String(key), bodyHash: sentJson?.hash ?? '' };
}
