import type { FastifyInstance } from 'fastify';
import type { ImageRequest } from '../../../core/image-request.ts';
import { isEnded } from '../../../core/lifecycle.ts';
import { type JsonAnswer, sendJson } from '../../../http/json-answer.ts';
import { prefix } from '../addresses.ts';
import { type AnswerPorts, toGenerateAnswer } from '../answer/generate-answer.ts';

/** The answer to `Prefer: respond-async`: the request as an operation, and where to poll it. */
export function toAccepted(request: ImageRequest): JsonAnswer {
  const operation = toBegun(request);
  return { status: 202, headers: { location: `${prefix}/${operation.name}` }, body: operation };
}

/** `GET operations/{id}`: any request of the organization, as an operation in Google's format. */
export function registerOperationRoute(app: FastifyInstance, ports: AnswerPorts): void {
  app.get<{ Params: { id: string } }>('/operations/:id', async ({ caller, params: { id } }, reply) => {
    const request = await ports.intake.find(caller, id);
    return sendJson(reply, { status: 200, body: await toOperation(request, ports) }, ports.media);
  });
}

async function toOperation(request: ImageRequest, ports: AnswerPorts): Promise<object> {
  const begun = toBegun(request);
  if (!isEnded(request.status)) return begun;
  const wish = { isFormatChosen: false, isByUri: false, hasTexts: true };
  const { status, body } = await toGenerateAnswer(request, wish, ports);
  const { error } = Object(body);
  return { ...begun, done: true, ...(status === 200 ? { response: body } : { error }) };
}

function toBegun({ id, status }: ImageRequest) {
  return { name: `operations/${id}`, metadata: { state: status }, done: false };
}
