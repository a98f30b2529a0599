import type { FastifyInstance } from 'fastify';
import { sendJson } from '../../../http/json-answer.ts';
import type { Intake } from '../../../intake/intake.ts';
import type { MediaStore } from '../../../media/media-store.ts';
import type { AnswerContext } from '../image-answers.ts';
import { toTaskAnswer } from '../task-answers.ts';

export interface TaskRoutesOptions extends AnswerContext {
  readonly intake: Pick<Intake, 'find'>;
  readonly media: MediaStore;
}

/** `GET …/images/tasks/{id}`: polls a request of the caller's organization, whichever wire it came by. */
export function registerTaskRoutes(app: FastifyInstance, { intake, ...context }: TaskRoutesOptions): void {
  app.get<{ Params: { id: string } }>('/images/tasks/:id', async ({ caller, params }, reply) => {
    const found = await intake.find(caller, params.id);
    reply.header('x-request-id', found.id);
    return sendJson(reply, await toTaskAnswer(found, context, 200), context.media);
  });
}
