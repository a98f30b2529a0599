import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ImageRequest } from '../../core/image-request.ts';
import { isEnded } from '../../core/lifecycle.ts';
import type { Gates } from '../../http/gates.ts';
import { type JsonAnswer, sendJson } from '../../http/json-answer.ts';
import { createLongCalls } from '../long-calls.ts';
import { createOpenAiErrorReply, toFailureReply } from '../openai-errors.ts';
import type { Wire, WirePorts } from '../wire.ts';
import { chatPart } from './chat-part.ts';
import { readChatCall } from './chat-submission.ts';
import { toCompletion, toFirstChunk, toHead, toLastChunks, toRequestId } from './completion.ts';

/** Where OpenAI's chats are. */
const prefix = '/v1/chat/completions';

/** What a chat calls the keys of the payload. */
const fields = {
  prompt: 'messages',
  image: 'messages',
  contents: 'messages',
  system_instruction: 'messages',
  number_of_images: 'n',
  aspect_ratio: 'image_config.aspect_ratio',
  image_size: 'image_config.image_size',
  google_search: 'web_search_options',
};

/** Room for the pictures of earlier answers, which come back inline. */
const maxBodyBytes = 32 * 1024 * 1024;

/** Chat completions whose answers are pictures, as OpenRouter and its clients have them. */
export function createChatWire(ports: WirePorts): Wire {
  const toErrorReply = createOpenAiErrorReply(fields);
  return {
    name: 'chat',
    scopes: [{ prefix, register: (scope, gates) => registerCompletions(scope, gates, { ...ports, toErrorReply }) }],
    toFullPath: (url) => url.replace(/^\/+(?:api\/+)?(?:v1\/+)*chat\/+completions(?=$|[/?])/, prefix),
    maxBodyBytes,
    toErrorReply,
    openApi: chatPart,
  };
}

function registerCompletions(app: FastifyInstance, gates: Gates, ports: WirePorts & Pick<Wire, 'toErrorReply'>): void {
  const { intake, models, media, publicUrl, toErrorReply } = ports;
  const calls = createLongCalls(ports);

  const toAnswer = (request: ImageRequest): JsonAnswer => {
    const { outcome } = request;
    if (outcome?.kind !== 'success') return toFailureReply(request);
    return { status: 200, body: toCompletion(request, outcome, { media, publicUrl }) };
  };

  const create = async (call: FastifyRequest, reply: FastifyReply) => {
    const { submission, warnings, streams, includesUsage } = readChatCall(call, models);
    if (warnings.length > 0) reply.header('x-darkroom-warnings', warnings.join('; '));
    if (!streams) return calls.answer(call, reply, { submission, toAnswer, toAccepted });
    return calls.stream(call, reply, {
      submission,
      toStart: (request) => [toFirstChunk(request)],
      toEnd: (request) => {
        const { outcome } = request;
        if (outcome?.kind !== 'success') return [{ data: toFailureReply(request).body }];
        return toLastChunks(request, outcome, { includesUsage, media, publicUrl });
      },
      toError: (problem) => [{ data: toErrorReply(problem).body }],
    });
  };

  const onRequest = [gates.room, gates.open(), gates.rate];
  app.post('', { onRequest, config: { hashesBody: true } }, create);

  app.get<{ Params: { id: string } }>('/:id', async ({ caller, params }, reply) => {
    const request = await intake.find(caller, toRequestId(params.id));
    return sendJson(reply, isEnded(request.status) ? toAnswer(request) : toAccepted(request), media);
  });
}

/** The answer about a request that has not ended, with the place to ask again. */
function toAccepted(request: ImageRequest): JsonAnswer {
  const head = toHead(request, 'chat.completion');
  return {
    status: 202,
    headers: { location: `${prefix}/${head.id}`, 'retry-after': '3' },
    body: { ...head, status: request.status, choices: [] },
  };
}
