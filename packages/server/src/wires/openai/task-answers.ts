import type { ImageRequest } from '../../core/image-request.ts';
import { isEnded } from '../../core/lifecycle.ts';
import type { JsonAnswer } from '../../http/json-answer.ts';
import { toFailureReply } from '../openai-errors.ts';
import { openAiPrefix } from './addresses.ts';
import { type AnswerContext, toImagesBody, toSeconds } from './image-answers.ts';

/** Seconds between two polls. */
const pollSeconds = 3;

/**
 * A request as a task that is polled. Source: the convention of relays such as sub2api, whose clients exist. OpenAI itself has no
 * such calls.
 */
export async function toTaskAnswer(request: ImageRequest, context: AnswerContext, status: number): Promise<JsonAnswer> {
  const { id, createdAt, deadlineAt } = request;
  const address = `${context.publicUrl()}${openAiPrefix}/images/tasks/${id}`;
  const ended = isEnded(request.status);
  return {
    status,
    headers: { location: address, ...(!ended && { 'retry-after': String(pollSeconds) }) },
    body: {
      id,
      task_id: id,
      object: 'image.generation.task',
      created_at: toSeconds(createdAt),
      expires_at: toSeconds(deadlineAt),
      poll_url: address,
      ...(ended ? await toEnd(request, context) : { status: 'processing' }),
    },
  };
}

async function toEnd(request: ImageRequest, context: AnswerContext) {
  const { outcome, updatedAt } = request;
  const completed_at = toSeconds(updatedAt);
  if (outcome?.kind !== 'success') {
    const { status, body } = toFailureReply(request);
    return { completed_at, status: 'failed', http_status: status, ...body };
  }
  const result = await toImagesBody({ request, outcome, format: 'url' }, context);
  return { completed_at, status: 'completed', http_status: 200, image_url: result.data[0]?.url, result };
}
