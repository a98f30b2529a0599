import { groupDigits } from '@darkroom/protocol';
import type { FastifyRequest } from 'fastify';
import { createInputProblem } from '../../core/parse-input.ts';
import type { ModelRegistry } from '../../models/registry.ts';
import type { LongSubmission } from '../long-calls.ts';
import { toLongSubmission } from '../long-submission.ts';
import { findEndpoint } from './endpoints.ts';
import { readInput } from './input.ts';

const maxStartSeconds = 3_600;
/** Behind everything else of the organization. */
const lowPriority = -5;

export interface FalRoute {
  Params: { '*': string };
  Querystring: { fal_webhook?: string };
}

/** A call that brings an input, whether it waits or not. */
export function toSubmission(call: FastifyRequest<FalRoute>, models: ModelRegistry): LongSubmission {
  const { headers, body, params, query } = call;
  const endpoint = findEndpoint(params['*'].replace(/\/$/, ''), models);
  return toLongSubmission(call, {
    wire: 'fal',
    model: endpoint.model.id,
    payload: readInput(body, { endpoint, startTimeoutSeconds: readStartTimeout(call) }),
    priority: headers['x-fal-queue-priority'] === 'low' ? lowPriority : 0,
    webhook: query.fal_webhook === undefined ? undefined : { url: query.fal_webhook },
  });
}

/** The seconds within which the request has to begin, if the call names them. */
export function readStartTimeout({ headers }: Pick<FastifyRequest, 'headers'>): number | undefined {
  const header = headers['x-fal-request-timeout'];
  if (header === undefined) return undefined;
  const seconds = Number(header);
  if (seconds > 0 && seconds <= maxStartSeconds) return seconds;
  const message = `must be a number of seconds from 1 to ${groupDigits(maxStartSeconds)}`;
  throw createInputProblem([{ path: 'x-fal-request-timeout', message }]);
}
