import { tolerate } from '@darkroom/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { createInputProblem, parseInput } from '../../core/parse-input.ts';
import type { Gates } from '../../http/gates.ts';
import type { ModelSpec } from '../../models/model-spec.ts';
import { findModel } from '../find-model.ts';
import type { LongCalls, LongSubmission } from '../long-calls.ts';
import { toLongSubmission } from '../long-submission.ts';
import type { WirePorts } from '../wire.ts';
import type { GatewayVersion } from './addresses.ts';
import { toImageAnswer } from './image-answer.ts';
import { type ImageBody, imageBodySchema } from './image-body.ts';
import { toPayload, toWarnings } from './to-payload.ts';

export interface RoutesOptions extends Pick<WirePorts, 'models' | 'media' | 'publicUrl'> {
  readonly longCalls: LongCalls;
  readonly version: GatewayVersion;
}

export function registerGateway(app: FastifyInstance, gates: Gates, options: RoutesOptions): void {
  const { models, media, publicUrl, longCalls, version } = options;

  const onRequest = [gates.room, gates.open(), gates.rate];
  app.post('/image-model', { onRequest, config: { hashesBody: true } }, async (call, reply) => {
    const model = findModel(models, readModelName(call));
    const body = parseInput(imageBodySchema, tolerate(imageBodySchema, call.body), '', { keys: [] });
    const warnings = toWarnings(body, model);
    return longCalls.answer(call, reply, {
      submission: toSubmission(call, body, model),
      toAnswer: (request) => toImageAnswer(request, { media, publicUrl: publicUrl(), warnings }),
    });
  });

  app.get('/config', async () => ({ models: models.list().map((model) => toEntry(model, version)) }));
}

function readModelName({ headers }: FastifyRequest): string {
  const name = headers['ai-model-id'];
  if (typeof name === 'string' && name !== '') return name;
  throw createInputProblem([{ path: 'ai-model-id', message: 'is missing: this header names the model' }]);
}

function toSubmission(call: FastifyRequest, body: ImageBody, model: ModelSpec): LongSubmission {
  // The body does not name the model.
  const bodyHash = `${model.id} ${call.sentJson?.hash}`;
  return toLongSubmission(call, { wire: 'gateway', model: model.id, payload: toPayload(body, model), bodyHash });
}

/** A model as `gateway.getAvailableModels()` shows it. */
function toEntry({ id, displayName, briefDescription, provider }: ModelSpec, specificationVersion: GatewayVersion) {
  return {
    id,
    name: displayName,
    description: briefDescription,
    specification: { specificationVersion, provider, modelId: id },
    modelType: 'image',
  };
}
