import type { ServerResponse } from 'node:http';
import { ScriptedUpstream } from '../../../test/fakes/scripted-upstream.ts';
import { systemClock } from '../../platform/clock.ts';
import { describeImageModelContract, type ImageModelHarness, type Scenario } from '../image-model.contract.ts';
import { OpenaiImageModel } from './openai-image-model.ts';

const upstreamModel = 'gpt-image-2';

describeImageModelContract('OpenaiImageModel', createHarness, { absent: ['drafts', 'text-only'] });

async function createHarness(): Promise<ImageModelHarness> {
  const upstream = await ScriptedUpstream.start();
  const model = new OpenaiImageModel({ baseUrl: `${upstream.url}/v1`, apiKey: 'sk-secret', clock: systemClock });
  upstream.answerJson(200, { object: 'list', data: [{ id: upstreamModel, object: 'model' }] });
  return {
    model,
    upstreamModel,
    isSigned: false,
    facts: ['usage', 'responseId'],
    parameters: { imageSize: '1K', aspectRatio: '1:1', quality: 'medium' },
    arrange: async (scenario) => {
      upstream.answer(answers[scenario]);
      return 'a cat';
    },
    calls: () => upstream.received.filter(({ method }) => method === 'POST').length,
    untilCalls: (count) => upstream.untilCalls(count),
    close: async () => {
      await model.close();
      await upstream.close();
    },
  };
}

const answer = {
  created: 1_795_000_000,
  data: [{ b64_json: Buffer.from('the bytes of a picture').toString('base64') }],
  output_format: 'png',
  usage: {
    input_tokens: 12,
    input_tokens_details: { text_tokens: 12, image_tokens: 0 },
    output_tokens: 1756,
    output_tokens_details: { text_tokens: 0, image_tokens: 1756 },
    total_tokens: 1768,
  },
};

const safety = 'Your request was rejected by the safety system. If you believe this is an error, contact us.';
const perMinute =
  'Rate limit reached for gpt-image-2 in organization org-1 on images per min: Limit 5, Used 5, Requested 1. Please try again in 12s.';
const perDay =
  'Rate limit reached for gpt-image-2 in organization org-1 on requests per day (RPD): Limit 200, Used 200, Requested 1. Please try again in 7m12s.';

const picture = (response: ServerResponse) => sendJson(response, 200, answer);

const answers: Readonly<Record<Scenario, (response: ServerResponse) => void>> = {
  picture,
  drafts: picture,
  'text-only': picture,
  'prompt-blocked': (response) =>
    sendError(response, 400, { type: 'image_generation_user_error', code: 'moderation_blocked', message: safety }),
  'image-blocked': (response) =>
    sendError(response, 400, {
      type: 'image_generation_user_error',
      code: 'moderation_blocked',
      message: safety,
      moderation_details: { moderation_stage: 'output' },
    }),
  'no-image': (response) => sendJson(response, 200, { created: 1, data: [] }),
  overloaded: (response) =>
    sendError(response, 503, { type: 'server_error', message: 'That model is currently overloaded.' }),
  'rate-limited': (response) =>
    sendError(response, 429, { type: 'requests', code: 'rate_limit_exceeded', message: perMinute }),
  'daily-quota': (response) =>
    sendError(response, 429, { type: 'requests', code: 'rate_limit_exceeded', message: perDay }),
  'internal-error': (response) =>
    sendError(response, 500, {
      type: 'server_error',
      message: 'The server had an error while processing your request.',
    }),
  silence: () => {},
  'half-answer': (response) => {
    response.writeHead(200).write(half);
  },
  'cut-answer': (response) => {
    response.writeHead(200).write(half, () => response.destroy());
  },
};

const whole = JSON.stringify(answer);
const half = whole.slice(0, whole.indexOf('b64_json') + 'b64_json":"'.length + 8);

function sendError(response: ServerResponse, status: number, error: object): void {
  sendJson(response, status, { error: { param: null, code: null, ...error } });
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  const headers = { 'content-type': 'application/json', 'x-request-id': 'req_1' };
  response.writeHead(status, headers).end(JSON.stringify(body));
}
