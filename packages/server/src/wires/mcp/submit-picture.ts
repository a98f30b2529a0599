import { createHash } from 'node:crypto';
import type { onRequestHookHandler } from 'fastify';
import { isEnded } from '../../core/lifecycle.ts';
import type { Submission } from '../../intake/submit.ts';
import { ClientLine } from '../client-line.ts';
import { readFallbackWish } from '../fallback-wish.ts';
import { toRequestAnswer } from './answers/request-answer.ts';
import { toCreatedTask } from './answers/task.ts';
import { toModelName } from './chosen-model.ts';
import type { ToolAnswer, ToolCall } from './tool.ts';
import { waitForEnd } from './wait-for-end.ts';

export interface PictureOrder {
  /** With the arguments, recognizes a call that is made again. */
  readonly tool: string;
  readonly given: SubmitArguments;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** All arguments of the tool, as they were parsed. */
interface SubmitArguments {
  readonly model?: string | undefined;
  readonly idempotency_key?: string | undefined;
  readonly wait_seconds: number;
}

/**
 * Submits a request, and answers with a task if the client may get one. Otherwise waits for the picture, and answers without it when
 * the time is over. Whoever makes the same call again after that, instead of `get_result`, joins the request and pays nothing more.
 */
export async function submitPicture(order: PictureOrder, call: ToolCall): Promise<ToolAnswer> {
  const { gates, intake, logger, givenUp, rpcId } = call;
  await pass(gates.room, call);
  await pass(gates.rate, call);
  const { request } = await intake.submit(toSubmission(order, call));
  const line = new ClientLine(call.call, call.reply, { requestId: request.id, intake, logger });
  if (call.mayBeTask) {
    line.answers();
    return toCreatedTask(request);
  }
  givenUp.follow({ apiKeyId: call.call.caller.apiKeyId, id: rpcId }, line);
  const waited = await waitForEnd(request, { seconds: order.given.wait_seconds, signal: line.gone }, call);
  const answer = await toRequestAnswer(waited, call);
  if (isEnded(waited.status)) line.answers();
  else await line.leaves();
  return answer;
}

/** Asks a gate of the app. The other calls of this address bring no new work, so the gate is not the route's. */
function pass(gate: onRequestHookHandler, { call, reply }: ToolCall): Promise<void> {
  return new Promise((resolve, reject) => {
    gate.call(call.server, call, reply, (error) => (error ? reject(error) : resolve()));
  });
}

function toSubmission({ tool, given, payload }: PictureOrder, { call, models }: ToolCall): Submission {
  const { model, idempotency_key: key, wait_seconds: _, ...rest } = given;
  const hash = createHash('sha256')
    .update(JSON.stringify([tool, model, rest]))
    .digest('hex');
  return {
    caller: call.caller,
    model: toModelName(model, models),
    payload,
    payloadText: () => JSON.stringify(payload),
    priority: 0,
    webhook: undefined,
    idempotency: key === undefined ? undefined : { key, bodyHash: hash },
    allowsStandIn: readFallbackWish(call),
    wire: 'mcp',
    limits: 'model',
    // Whoever gives another key means another request, and whoever gives the same one means the same.
    repeat: { hash: ['mcp', hash, key ?? []].flat().join(' '), isRetry: key !== undefined },
  };
}
