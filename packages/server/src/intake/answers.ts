import type { ImageRequest, KeptAnswer } from '../core/image-request.ts';
import type { RequestStore } from '../store/request-store.ts';

/** What the model answered, one answer for each call that brought pictures, each with its parts in the model's order. */
export type AnswersOf = (request: ImageRequest) => Promise<readonly KeptAnswer[]>;

export function createAnswersOf(store: Pick<RequestStore, 'findAnswer'>): AnswersOf {
  return async ({ organizationId, outcome }) => {
    const answers: KeptAnswer[] = [];
    const seen = new Set<string>();
    for (const { name } of outcome?.kind === 'success' ? outcome.pictures : []) {
      const answer = seen.has(name) ? undefined : await store.findAnswer(organizationId, name);
      if (!answer) continue;
      answers.push(answer);
      for (const part of answer.parts) if (part.kind === 'picture') seen.add(part.picture.name);
    }
    return answers;
  };
}
