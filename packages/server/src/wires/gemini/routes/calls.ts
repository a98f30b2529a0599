import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ImageRequest } from '../../../core/image-request.ts';
import { Problem } from '../../../core/problem.ts';
import type { Gates } from '../../../http/gates.ts';
import type { JsonAnswer } from '../../../http/json-answer.ts';
import { findModel } from '../../find-model.ts';
import { createLongCalls } from '../../long-calls.ts';
import { toLongSubmission } from '../../long-submission.ts';
import type { WirePorts } from '../../wire.ts';
import { toGenerateAnswer } from '../answer/generate-answer.ts';
import { toPredictAnswer } from '../answer/predict-answer.ts';
import { toErrorReply, toLateErrorReply, toPredictError } from '../dialect-errors.ts';
import { toFileAddress } from '../files/file-names.ts';
import { toGenerateOrder } from '../request/to-order.ts';
import { toPredictPayload } from '../request/to-predict-order.ts';
import { countTokens } from './count-tokens.ts';
import { toAccepted } from './operations.ts';

interface ModelCall {
  Params: { '*': string };
  Querystring: { alt?: string };
}

/** `POST models/{m}:METHOD`: the calls of a model, told apart by what comes after the colon. */
export function registerCallRoutes(app: FastifyInstance, gates: Gates, ports: WirePorts): void {
  const calls = createLongCalls({ ...ports, toErrorReply: toLateErrorReply });
  const { models, media, publicUrl } = ports;
  const onRequest = [gates.room, gates.open(isLong), gates.rate];

  app.post<ModelCall>('/models/*', { config: { hashesBody: true }, onRequest }, async (call, reply) => {
    const [, name = '', method] = /^(.*):(\w+)$/.exec(call.params['*']) ?? [];
    switch (method) {
      case 'generateContent':
        return generate(call, reply, name);
      case 'streamGenerateContent':
        return stream(call, reply, name);
      case 'predict':
        return predict(call, reply, name);
      case 'countTokens':
        return countTokens(call.body, findModel(models, name));
      default:
        throw new Problem('not_found', `There is no method ${String(method)} here: ${methods}.`);
    }
  });

  const readGenerate = (call: FastifyRequest, name: string) => {
    const { id, limits } = findModel(models, name);
    const toUri = (uri: string) => toFileAddress(uri, { media, publicUrl });
    const { payload, wish, serviceTier } = toGenerateOrder(call.body, { limits, toUri });
    const toAnswer = (request: ImageRequest) => toGenerateAnswer(request, wish, ports);
    return { submission: toLongSubmission(call, { wire: 'gemini', model: id, payload, serviceTier }), toAnswer };
  };

  const generate = (call: FastifyRequest, reply: FastifyReply, name: string) =>
    calls.answer(call, reply, { ...readGenerate(call, name), toAccepted, ...toTimeout(call) });

  const stream = (call: FastifyRequest<ModelCall>, reply: FastifyReply, name: string) => {
    const { submission, toAnswer } = readGenerate(call, name);
    if (call.query.alt !== 'sse') {
      const toList = async (request: ImageRequest): Promise<JsonAnswer> => {
        const { body, ...answer } = await toAnswer(request);
        return { ...answer, body: [body] };
      };
      return calls.answer(call, reply, { submission, toAnswer: toList, ...toTimeout(call) });
    }
    return calls.stream(call, reply, {
      submission,
      toEnd: async (request) => [{ data: (await toAnswer(request)).body }],
      toError: (problem) => [{ data: toErrorReply(problem).body }],
      keepsAliveBy: 'space',
    });
  };

  const predict = (call: FastifyRequest, reply: FastifyReply, name: string) => {
    const { id, limits } = findModel(models, name);
    const submission = toLongSubmission(call, {
      wire: 'gemini',
      model: id,
      payload: toPredictPayload(call.body, limits),
    });
    const answered = calls.answer(call, reply, { submission, toAnswer: toPredictAnswer, ...toTimeout(call) });
    return answered.catch((error: unknown) => Promise.reject(toPredictError(error)));
  };
}

const methods = 'a model has generateContent, streamGenerateContent, countTokens and predict';

/** The method is told from the path: a query cannot make a call that stays open look like one that does not. */
function isLong({ url }: FastifyRequest): boolean {
  return !/^[^?]*:countTokens(?:\?|$)/.test(url);
}

/** The SDKs say how long they wait, in seconds. The request goes on after that. */
function toTimeout({ headers }: FastifyRequest): { readonly timeoutMs?: number } {
  const seconds = Number(headers['x-server-timeout']);
  return seconds > 0 ? { timeoutMs: Math.min(seconds, 3_600) * 1_000 } : {};
}
