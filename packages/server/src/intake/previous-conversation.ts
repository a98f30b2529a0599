import type { Payload } from '@darkroom/protocol';
import type { Conversation } from '../core/conversation.ts';
import type { SuccessOutcome } from '../core/image-request.ts';
import { toModelTurn } from '../core/model-turn.ts';
import { createInputProblem } from '../core/parse-input.ts';
import type { RemovalStore } from '../store/removal-store.ts';
import type { RequestStore } from '../store/request-store.ts';

type Requests = Pick<RequestStore, 'find' | 'findAnswer'>;

interface Sources {
  readonly store: Requests;
  readonly removals: Pick<RemovalStore, 'findTombstone'>;
}

/** The conversation that the payload continues by `previous_request_id`; empty when it begins one. */
export async function findHistory(
  { store, removals }: Sources,
  payload: Payload,
  organizationId: string,
): Promise<Conversation> {
  const { previous_request_id: id, previous_image: index } = payload;
  if (id === undefined) return [];
  const previous = await store.find(organizationId, id);
  const outcome = previous?.outcome;
  if (outcome?.kind === 'success') {
    return index === undefined ? outcome.conversation : continueFrom(store, outcome, { index, organizationId });
  }
  const message = previous
    ? `is a request with the status ${previous.status}: only a request that succeeded can be continued`
    : await describeMissing(removals, organizationId, id);
  throw createInputProblem([{ path: 'payload.previous_request_id', message }]);
}

async function describeMissing(removals: Sources['removals'], organizationId: string, id: string): Promise<string> {
  return (await removals.findTombstone(organizationId, id))
    ? 'is a request that was deleted: what was said and made there is gone'
    : 'is not the id of one of your requests';
}

/** The conversation as if the model had answered only with this picture, and with what it said about it. */
async function continueFrom(
  store: Requests,
  { pictures, conversation }: SuccessOutcome,
  { index, organizationId }: { readonly index: number; readonly organizationId: string },
): Promise<Conversation> {
  const picture = pictures[index];
  if (!picture) {
    const made = pictures.length === 1 ? 'made one picture, number 0' : `made pictures 0 to ${pictures.length - 1}`;
    throw createInputProblem([{ path: 'payload.previous_image', message: `is ${index}, but that request ${made}` }]);
  }
  const answer = await store.findAnswer(organizationId, picture.name);
  const parts = answer?.parts.filter((part) => part.kind === 'text' || part.picture.name === picture.name);
  return [...conversation.slice(0, -1), toModelTurn(parts ?? [{ kind: 'picture', picture }])];
}
