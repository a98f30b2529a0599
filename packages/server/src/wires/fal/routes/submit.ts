import type { FastifyInstance } from 'fastify';
import type { Gates } from '../../../http/gates.ts';
import type { LongCalls } from '../../long-calls.ts';
import type { WirePorts } from '../../wire.ts';
import { toApp } from '../records.ts';
import type { ReadStatus } from '../status-reader.ts';
import { type FalRoute, toSubmission } from '../submission.ts';

export type SubmitRouteOptions = Pick<WirePorts, 'models'> & {
  readonly calls: LongCalls;
  readonly readStatus: ReadStatus;
};

/** `POST https://queue.fal.run/ENDPOINT`: the status, at once. */
export function registerSubmitRoute(app: FastifyInstance, gates: Gates, options: SubmitRouteOptions): void {
  const { calls, models, readStatus } = options;
  const config = { hashesBody: true };

  app.post<FalRoute>('/queue/*', { config, onRequest: [gates.room, gates.rate] }, async (call, reply) => {
    const facts = { app: toApp(call.params['*']), withLogs: false };
    return calls.answer(call, reply, {
      submission: toSubmission(call, models),
      timeoutMs: 0,
      toAnswer: async (request) => ({
        status: 200,
        headers: { 'x-fal-request-id': request.id },
        body: { ...(await readStatus(request, facts)), gateway_request_id: request.id },
      }),
    });
  });
}
