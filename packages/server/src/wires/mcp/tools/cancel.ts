import { z } from 'zod';
import { toRequestAnswer } from '../answers/request-answer.ts';
import { defineTool } from '../tool.ts';
import { requestId } from './argument-schemas.ts';

const input = z.object({ request_id: requestId.meta({ description: 'The request_id of the request to cancel.' }) });

export const cancelTool = defineTool({
  name: 'cancel',
  title: 'Cancel a request',
  description:
    'Cancels a request whose picture is no longer wanted. A request that has ended stays as it is. A picture that is already being made is still charged.',
  input,
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  run: async ({ request_id }, call) => toRequestAnswer(await call.intake.cancel(call.call.caller, request_id), call),
});
