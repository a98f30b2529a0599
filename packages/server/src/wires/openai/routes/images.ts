import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ImageRequest } from '../../../core/image-request.ts';
import { createInputProblem } from '../../../core/parse-input.ts';
import type { ToErrorReply } from '../../../http/error-reply.ts';
import type { Gates } from '../../../http/gates.ts';
import type { LongCalls } from '../../long-calls.ts';
import { toLongSubmission } from '../../long-submission.ts';
import { readServiceTier } from '../../service-tier.ts';
import { type FormRoutesOptions, takeForms } from '../form/take-forms.ts';
import { type AnswerContext, toEndEvents, toImagesAnswer } from '../image-answers.ts';
import { type ImageCall, parseImageCall } from '../image-call.ts';
import { toTaskAnswer } from '../task-answers.ts';
import { toOrder } from '../to-order.ts';

export interface ImageRoutesOptions extends AnswerContext, FormRoutesOptions {
  readonly longCalls: LongCalls;
  readonly toErrorReply: ToErrorReply;
}

/** Room for pictures of 7 MB in base64: JSON is held in memory. */
const maxJsonBytes = 32 * 1024 * 1024;

interface ImageRoute {
  Querystring: { async?: string };
}

/** `POST …/images/generations` and `…/images/edits`, and the forms of both that answer at once with a task. */
export function registerImageRoutes(app: FastifyInstance, gates: Gates, options: ImageRoutesOptions): void {
  takeForms(app, options);
  const route = {
    onRequest: [gates.room, gates.open(), gates.rate],
    bodyLimit: maxJsonBytes,
    config: { hashesBody: true },
  };
  for (const name of ['generations', 'edits'] as const) {
    const answer = createAnswer(name === 'edits', options);
    app.post<ImageRoute>(`/images/${name}`, route, async (request, reply) =>
      answer(request, reply, request.query.async === 'true'),
    );
    app.post(`/images/${name}/async`, route, async (request, reply) => answer(request, reply, true));
  }
}

function createAnswer(isEdit: boolean, { longCalls, toErrorReply, ...context }: ImageRoutesOptions) {
  return async (request: FastifyRequest, reply: FastifyReply, asksForTask: boolean) => {
    const call = parseImageCall(request.body);
    const { warnings, ...order } = toOrder(call, { models: context.models, isEdit });
    const { fallback, service_tier } = call;
    const serviceTier = readServiceTier(service_tier);
    const submission = toLongSubmission(request, { wire: 'openai', ...order, serviceTier, fallback });
    const format = call.response_format;
    const isTask = asksForTask || call.async;
    assertStreamable(call, isTask);
    if (warnings.length > 0) reply.header('x-darkroom-warnings', warnings.join('; '));
    const toAccepted = (accepted: ImageRequest) => toTaskAnswer(accepted, context, 202);
    if (isTask) return longCalls.answer(request, reply, { submission, timeoutMs: 0, toAnswer: toAccepted });
    if (!call.stream) {
      const toAnswer = (ended: ImageRequest) => toImagesAnswer(ended, format, context);
      return longCalls.answer(request, reply, { submission, toAnswer, toAccepted });
    }
    return longCalls.stream(request, reply, {
      submission,
      toEnd: (ended) => toEndEvents(ended, { format, isEdit }, context),
      toError: (problem) => [{ event: 'error', data: toErrorReply(problem).body }],
    });
  };
}

function assertStreamable({ stream }: ImageCall, isTask: boolean): void {
  if (stream && isTask)
    throw createInputProblem([{ path: 'stream', message: 'is not possible here: a task is polled' }]);
}
