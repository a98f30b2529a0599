import type { ServerResponse } from 'node:http';
import { ModelUnderTest } from '../../../test/fakes/model-under-test.ts';
import {
  picturePart,
  quotaMessage,
  thoughtParts,
  toAnswerBody,
  toBlockedBody,
  toErrorBody,
  toQuotaFailure,
  toRetryInfo,
} from '../../../test/fakes/recorded-answers.ts';
import { describeImageModelContract, type ImageModelHarness, type Scenario } from '../image-model.contract.ts';

describeImageModelContract('GoogleImageModel', createHarness);

const upstreamModel = 'gemini-3-pro-image';

async function createHarness(): Promise<ImageModelHarness> {
  const test = await ModelUnderTest.create();
  const { upstream, model } = test;
  upstream.answer((response, { path }) => {
    if (path === `/v1beta/models/${upstreamModel}`) sendJson(response, 200, { name: upstreamModel });
    else
      sendJson(
        response,
        404,
        toErrorBody(404, 'NOT_FOUND', 'models/no-such-model is not found for API version v1beta'),
      );
  });
  return {
    model,
    upstreamModel,
    isSigned: true,
    facts: ['usage', 'modelVersion', 'responseId', 'finishReason'],
    parameters: { imageSize: '1K', aspectRatio: '1:1' },
    arrange: async (scenario) => {
      upstream.answer(answers[scenario]);
      return 'a cat';
    },
    calls: () => upstream.received.filter(({ method }) => method === 'POST').length,
    untilCalls: (count) => upstream.untilCalls(count),
    close: () => test.close(),
  };
}

const perMinute = [toQuotaFailure('GenerateRequestsPerMinutePerProjectPerModel'), toRetryInfo('34.5s')];
const perDay = [toQuotaFailure('GenerateRequestsPerDayPerProjectPerModel')];

const answers: Readonly<Record<Scenario, (response: ServerResponse) => void>> = {
  picture: (response) => sendJson(response, 200, toAnswerBody([{ text: 'A cat.' }, picturePart])),
  drafts: (response) => sendJson(response, 200, toAnswerBody([...thoughtParts, picturePart])),
  'text-only': (response) => sendJson(response, 200, toAnswerBody([{ text: 'Which cat?' }])),
  'prompt-blocked': (response) => sendJson(response, 200, toBlockedBody('PROHIBITED_CONTENT')),
  'image-blocked': (response) => sendJson(response, 200, toAnswerBody(undefined, 'IMAGE_SAFETY')),
  'no-image': (response) => sendJson(response, 200, toAnswerBody(undefined, 'NO_IMAGE')),
  overloaded: (response) => sendJson(response, 503, toErrorBody(503, 'UNAVAILABLE', 'The model is overloaded.')),
  'rate-limited': (response) =>
    sendJson(response, 429, toErrorBody(429, 'RESOURCE_EXHAUSTED', quotaMessage, perMinute)),
  'daily-quota': (response) => sendJson(response, 429, toErrorBody(429, 'RESOURCE_EXHAUSTED', quotaMessage, perDay)),
  'internal-error': (response) => sendJson(response, 500, toErrorBody(500, 'INTERNAL', 'Internal error encountered.')),
  silence: () => {},
  'half-answer': (response) => {
    response.writeHead(200).write(half);
  },
  'cut-answer': (response) => {
    response.writeHead(200).write(half, () => response.destroy());
  },
};

const whole = JSON.stringify(toAnswerBody([picturePart]));
const half = whole.slice(0, whole.indexOf(picturePart.inlineData.data) + 8);

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
