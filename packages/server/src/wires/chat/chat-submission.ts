import type { FastifyRequest } from 'fastify';
import { parseInput } from '../../core/parse-input.ts';
import type { ModelSpec } from '../../models/model-spec.ts';
import type { ModelRegistry } from '../../models/registry.ts';
import { findModel } from '../find-model.ts';
import type { LongSubmission } from '../long-calls.ts';
import { toLongSubmission } from '../long-submission.ts';
import { UnsupportedParameter } from '../openai-errors.ts';
import { type SizeChoice, toSizeChoice } from '../openai-sizes.ts';
import { hasPictures, toTurnPayload } from '../openai-turns.ts';
import { toPayload } from '../payload-notes.ts';
import { readServiceTier } from '../service-tier.ts';
import { type ChatBody, chatBodySchema } from './chat-schema.ts';
import { toInstruction, toTurns } from './chat-turns.ts';

export interface ChatCall {
  readonly submission: LongSubmission;
  readonly warnings: SizeChoice['warnings'];
  readonly streams: boolean;
  readonly includesUsage: boolean;
}

/** Reads a call. Throws the `Problem` of one that asks for something other than pictures. */
export function readChatCall(call: FastifyRequest, models: ModelRegistry): ChatCall {
  const body = parseInput(chatBodySchema, call.body, '', { keys: ['model'] });
  refuseOthers(body);
  const model = findModel(models, body.model ?? models.list()[0]?.id ?? '');
  const { payload, warnings } = toPicturePayload(body, model);
  const serviceTier = readServiceTier(body['service_tier']);
  return {
    submission: toLongSubmission(call, {
      wire: 'chat',
      model: model.id,
      payload,
      serviceTier,
      fallback: body['fallback'],
    }),
    warnings,
    streams: body.stream ?? false,
    includesUsage: body.stream_options?.include_usage ?? false,
  };
}

/** Fields that would make the answer something else than the caller expects. */
function refuseOthers({ modalities, audio, response_format: format }: ChatBody): void {
  if (audio != null || modalities?.includes('audio')) {
    throw new UnsupportedParameter(
      audio == null ? 'modalities' : 'audio',
      'asks for audio: the models here make pictures',
    );
  }
  if (modalities && !modalities.includes('image')) {
    throw new UnsupportedParameter(
      'modalities',
      'has no "image": the models here make pictures, with or without words',
    );
  }
  if (format && format.type !== 'text') {
    throw new UnsupportedParameter(
      'response_format',
      `is ${format.type}: an answer is a picture, and its text has no format`,
    );
  }
}

/** Clients send the pictures of earlier answers again, and a PNG of the larger sizes is more than a message may bring. */
const defaultFormat = 'jpeg';

function toPicturePayload(body: ChatBody, { limits }: ModelSpec) {
  const { image_config: config, temperature, top_p, seed, size, quality, n } = body;
  const turns = toTurns(body.messages);
  const wish = { size, quality, aspect_ratio: config?.aspect_ratio, image_size: config?.image_size };
  const { payload: pixels, warnings } = toSizeChoice(wish, limits, { isEdit: hasPictures(turns) });
  const payload = toPayload({
    ...toTurnPayload(turns, 'messages'),
    ...pixels,
    system_instruction: toInstruction(body.messages),
    number_of_images: n,
    temperature,
    top_p,
    seed,
    google_search: body.web_search_options && true,
    image_output_format: config?.output_format ?? defaultFormat,
    // Not for the model: the answer is written in this form, however often it is read.
    chat: config?.response_format && { response_format: config.response_format },
  });
  return { payload, warnings };
}
