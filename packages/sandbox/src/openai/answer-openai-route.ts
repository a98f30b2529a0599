import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Answer } from '../answer.ts';
import { type Caller, type Studio, toJsonAnswer } from '../answer-route.ts';
import { answerImageCall } from './answer-image-call.ts';
import { describeOpenaiModel, findOpenaiModel, listOpenaiModels } from './models.ts';
import { readImageCall } from './read-image-call.ts';
import { receiveImageCall } from './receive-image-call.ts';
import { refuseKey, refuseUrl } from './refusals.ts';
import type { OpenaiRoute } from './route.ts';

/** Answers a route of OpenAI's API. Rejects with a `Refusal`, or with any error once the caller has left. */
export async function answerOpenaiRoute(route: OpenaiRoute, caller: Caller, studio: Studio): Promise<Answer> {
  if (route.key === '' || (studio.apiKey !== undefined && route.key !== studio.apiKey)) throw refuseKey();
  switch (route.kind) {
    case 'openai-unknown':
      throw refuseUrl(route.method, route.path);
    case 'openai-list':
      return toJsonAnswer(listOpenaiModels());
    case 'openai-model':
      return toJsonAnswer(describeOpenaiModel(findOpenaiModel(route.model)));
    case 'openai-generate':
    case 'openai-edit':
      return makePicture(route.kind === 'openai-edit', caller, studio);
  }
}

function makePicture(isEdit: boolean, { request, signal }: Caller, studio: Studio): Promise<Answer> {
  const folder = join(studio.spoolFolder, randomUUID());
  return receiveImageCall(request, { folder, isEdit }, async (call) =>
    answerImageCall(await readImageCall(call, isEdit), signal, studio),
  );
}
