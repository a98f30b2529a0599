import type { FastifyRequest } from 'fastify';
import { createInputProblem } from '../../core/parse-input.ts';
import { Problem } from '../../core/problem.ts';
import type { ModelSpec } from '../../models/model-spec.ts';
import type { ModelRegistry } from '../../models/registry.ts';
import type { LongSubmission } from '../long-calls.ts';
import { toSizeChoice } from '../openai-sizes.ts';
import type { ImageCall } from './image-call.ts';
import { keptAlong, passedOn } from './parameters.ts';

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
  const { prompt, n, mask } = call;
  const image = [call.image ?? [], call.images ?? []].flat();
  if (isEdit && image.length === 0 && call.previous_request_id === undefined)
    throw refuse('image', 'is missing: an edit needs a picture');
  const { maxImages } = model.limits;
  if (n !== undefined && n > maxImages) throw refuse('n', `must be at most ${maxImages} with ${model.id}`);
  const size = toSizeChoice(call, model.limits, { isEdit });
  const payload = {
    prompt,
    ...(image.length > 0 && { image }),
    ...(mask !== undefined && { mask }),
    ...size.payload,
    ...(n !== undefined && { number_of_images: n }),
    ...toFormat(call),
    ...pick(call, passedOn),
    ...pick(call, keptAlong),
  };
  return { payload, warnings: size.warnings };
}

function toFormat({ output_format: format, output_compression: compression = 100 }: ImageCall) {
  if (format === 'png' && compression < 100)
    throw refuse('output_compression', 'is possible with jpeg and webp: a png is compressed without loss');
  return { image_output_format: format, ...(compression < 100 && { image_output_compression: compression }) };
}

function refuse(path: string, message: string): Problem {
  return createInputProblem([{ path, message }]);
}

function pick<K extends keyof ImageCall>(call: ImageCall, keys: readonly K[]): Partial<Pick<ImageCall, K>> {
  const entries = keys.filter((key) => call[key] !== undefined).map((key) => [key, call[key]] as const);
  return Object.fromEntries(entries) as Partial<Pick<ImageCall, K>>; // the keys that were picked
}

function toIdempotency({ headers, sentJson }: FastifyRequest): LongSubmission['idempotency'] {
  const key = headers['idempotency-key'];
  return key === undefined ? undefined : { key: String(key), bodyHash: sentJson?.hash ?? '' };
}
