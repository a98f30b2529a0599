import type { FastifyInstance } from 'fastify';
import type { ImageRequest } from '../../../core/image-request.ts';
import type { Gates } from '../../../http/gates.ts';
import type { LongCalls } from '../../long-calls.ts';
import type { WirePorts } from '../../wire.ts';
import { toApp, toResult, toStatus } from '../records.ts';
import { giveUpUnstarted } from '../starting.ts';
import { type FalRoute, readStartTimeout, toSubmission } from '../submission.ts';

export type RunRouteOptions = Pick<WirePorts, 'intake' | 'models' | 'media' | 'publicUrl' | 'clock'> & {
  readonly calls: LongCalls;
};

/** `POST https://fal.run/ENDPOINT`: the output, when it is there. */
export function registerRunRoute(app: FastifyInstance, gates: Gates, options: RunRouteOptions): void {
  const { calls, intake, models, media, publicUrl, clock } = options;
  const onRequest = [gates.room, gates.open(), gates.rate];

  app.post<FalRoute>('/run/*', { config: { hashesBody: true }, onRequest }, async (call, reply) => {
    const submission = toSubmission(call, models);
    const seconds = readStartTimeout(call);
    return calls.answer(call, reply, {
      submission,
      ...(seconds !== undefined && {
        timeoutMs: seconds * 1_000,
        atTimeout: (request: ImageRequest) => giveUpUnstarted(request, call.caller, { intake, clock }),
      }),
      toAccepted: (request) => ({
        status: 202,
        headers: { 'x-fal-request-id': request.id },
        body: toStatus(request, { ...nothingYet, app: toApp(call.params['*']), publicUrl: publicUrl() }),
      }),
      toAnswer: (request) => toResult(request, { media, publicUrl: publicUrl() }),
    });
  });
}

const nothingYet = { position: undefined, attempts: [], withLogs: false };
