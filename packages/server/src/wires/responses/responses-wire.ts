import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ImageRequest } from '../../core/image-request.ts';
import { Problem } from '../../core/problem.ts';
import { dropBodies } from '../../http/drop-bodies.ts';
import type { Gates } from '../../http/gates.ts';
import { type JsonAnswer, sendJson } from '../../http/json-answer.ts';
import { createLongCalls } from '../long-calls.ts';
import { createOpenAiErrorReply, toFailureReply, UnsupportedParameter } from '../openai-errors.ts';
import type { Wire, WirePorts } from '../wire.ts';
import { toRequestId, toResponseId } from './ids.ts';
import type { FindPicture } from './input-turns.ts';
import { toResponse } from './response.ts';
import { toEndEvents, toErrorEvents, toStartEvents } from './response-events.ts';
import { readResponseCall } from './response-submission.ts';
import { responsesPart } from './responses-part.ts';

const prefix = '/v1/responses';

/** What a response calls the keys of the payload. */
const fields = {
  prompt: 'input',
  image: 'input',
  contents: 'input',
  system_instruction: 'instructions',
  previous_request_id: 'previous_response_id',
  aspect_ratio: 'tools.aspect_ratio',
  image_size: 'tools.image_size',
  image_output_compression: 'tools.output_compression',
  mask: 'tools.input_image_mask',
};

/** Room for references and earlier answers, which come inline. */
const maxBodyBytes = 32 * 1024 * 1024;

/**
 * OpenAI's Responses with the tool `image_generation`. There is no text model that could decide against the tool: every response
 * makes a picture.
 */
export function createResponsesWire(ports: WirePorts): Wire {
  const toErrorReply = createOpenAiErrorReply(fields);
  return {
    name: 'responses',
    scopes: [{ prefix, register: (scope, gates) => registerResponses(scope, gates, { ...ports, toErrorReply }) }],
    toFullPath: (url) => url.replace(/^\/+(?:api\/+)?(?:v1\/+)*responses(?=$|[/?])/, prefix),
    maxBodyBytes,
    toErrorReply,
    openApi: responsesPart,
  };
}

function registerResponses(app: FastifyInstance, gates: Gates, ports: WirePorts & Pick<Wire, 'toErrorReply'>): void {
  const { intake, models, media, publicUrl, toErrorReply } = ports;
  const places = { media, publicUrl };
  const calls = createLongCalls(ports);

  const create = async (call: FastifyRequest, reply: FastifyReply) => {
    const find: FindPicture = ({ requestId, index }) => findPicture(call, requestId, index);
    const { submission, warnings, isInBackground, streams } = await readResponseCall(call, { models, find });
    if (warnings.length > 0) reply.header('x-darkroom-warnings', warnings.join('; '));
    if (streams) {
      return calls.stream(call, reply, {
        submission,
        toStart: (request) => toStartEvents(request, places),
        toEnd: (request) => toEndEvents(request, places),
        toError: (problem) => toErrorEvents(problem, toErrorReply),
      });
    }
    const timeout = isInBackground ? { timeoutMs: 0 } : {};
    const toAnswer = isInBackground ? toRead : toBlocking;
    return calls.answer(call, reply, { submission, toAnswer, toAccepted, ...timeout });
  };

  const toRead = (request: ImageRequest): JsonAnswer => ({ status: 200, body: toResponse(request, places) });

  /** Those who wait for a picture and get none are told by the status, so that no SDK takes it for an answer. */
  const toBlocking = (request: ImageRequest): JsonAnswer =>
    request.status === 'success' ? toRead(request) : toFailureReply(request);

  const toAccepted = (request: ImageRequest): JsonAnswer => ({
    ...toRead(request),
    status: 202,
    headers: { location: `${prefix}/${toResponseId(request.id)}`, 'retry-after': '3' },
  });

  const findPicture = async ({ caller }: FastifyRequest, requestId: string, index: number) => {
    const request = await intake.find(caller, requestId).catch((error: unknown) => {
      if (error instanceof Problem) return undefined;
      throw error;
    });
    const picture = request?.outcome?.kind === 'success' ? request.outcome.pictures[index] : undefined;
    return picture && media.toAddress(picture.name, publicUrl()).url;
  };

  const onRequest = [gates.room, gates.open(), gates.rate];
  app.post('', { onRequest, config: { hashesBody: true } }, create);

  app.get<ResponseRoute>('/:id', async ({ caller, params, query }, reply) => {
    if (query.stream === 'true')
      throw new UnsupportedParameter('stream', 'is only possible on the call that creates the response');
    return sendJson(reply, toRead(await intake.find(caller, toRequestId(params.id))), media);
  });

  app.register(async (scope) => {
    dropBodies(scope);

    scope.post<ResponseRoute>('/:id/cancel', async ({ caller, params }, reply) =>
      sendJson(reply, toRead(await intake.cancel(caller, toRequestId(params.id))), media),
    );

    scope.delete<ResponseRoute>('/:id', async ({ caller, params }, reply) => {
      const id = toRequestId(params.id);
      await intake.withdraw(caller, id);
      return sendJson(reply, { status: 200, body: { id: toResponseId(id), object: 'response', deleted: true } }, media);
    });
  });
}

interface ResponseRoute {
  Querystring: { stream?: string };
  Params: { id: string };
}
