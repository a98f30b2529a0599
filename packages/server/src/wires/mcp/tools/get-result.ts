import { z } from 'zod';
import { isEnded } from '../../../core/lifecycle.ts';
import { createGoneSignal } from '../../../http/gone-signal.ts';
import { toRequestAnswer } from '../answers/request-answer.ts';
import { defineTool } from '../tool.ts';
import { waitForEnd } from '../wait-for-end.ts';
import { maxWaitSeconds, requestId, waitSeconds } from './argument-schemas.ts';

const input = z.object({
  request_id: requestId.meta({ description: 'The request_id of an earlier answer.' }),
  wait_seconds: waitSeconds.default(maxWaitSeconds),
});

export const getResultTool = defineTool({
  name: 'get_result',
  title: 'Get the pictures of a request',
  description:
    'Waits for an earlier request, and answers with its pictures or its progress. Costs nothing. Call it again until the status is success, failed or cancelled.',
  input,
  annotations: { readOnlyHint: true, openWorldHint: false },
  run: async ({ request_id, wait_seconds }, call) => {
    const request = await call.intake.find(call.call.caller, request_id);
    const limits = { seconds: wait_seconds, signal: createGoneSignal(call.reply) };
    const waited = await waitForEnd(request, limits, call);
    // The call that made the request has its answer now: from now on the same call makes another picture.
    if (isEnded(waited.status)) await call.intake.answered(request_id);
    return toRequestAnswer(waited, call);
  },
});
