import type { FastifyRequest } from 'fastify';
import { createInputProblem, parseInput } from '../../core/parse-input.ts';
import type { ModelSpec } from '../../models/model-spec.ts';
import type { ModelRegistry } from '../../models/registry.ts';
import { findModel } from '../find-model.ts';
import type { LongSubmission } from '../long-calls.ts';
import { toLongSubmission } from '../long-submission.ts';
import { UnsupportedParameter } from '../openai-errors.ts';
import { type SizeChoice, toSizeChoice } from '../openai-sizes.ts';
import { hasPictures, type Turn, type TurnPayload, toSingle, toTurnPayload } from '../openai-turns.ts';
import { toPayload } from '../payload-notes.ts';
import { readServiceTier } from '../service-tier.ts';
import { toRequestId } from './ids.ts';
import { type FindPicture, refuseFile, toInstruction, toTurns } from './input-turns.ts';
import { type ImageTool, imageToolSchema, type ResponseBody, responseBodySchema } from './response-schema.ts';

export interface ResponseCall {
  readonly submission: LongSubmission;
  readonly warnings: SizeChoice['warnings'];
  readonly isInBackground: boolean;
  readonly streams: boolean;
}

/** What a response says about its call. The payload keeps it; the model does not read it. */
export interface Echo {
  readonly background: boolean;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tool: Readonly<Record<string, unknown>>;
}

/** Reads a call. Throws the `Problem` of one that asks for something other than a picture. */
export async function readResponseCall(
  call: FastifyRequest,
  { models, find }: { readonly models: ModelRegistry; readonly find: FindPicture },
): Promise<ResponseCall> {
  const body = parseInput(responseBodySchema, call.body, '', { keys: ['model', 'previous_response_id'] });
  const { tool, path } = findImageTool(body);
  refuseOthers(body, tool, path);
  const model = findModel(models, tool.model ?? body.model ?? models.list()[0]?.id ?? '');
  const items = typeof body.input === 'string' ? [{ role: 'user' as const, content: body.input }] : body.input;
  const turns = await toTurns(items, find);
  const isEdit = body.previous_response_id != null || hasPictures(turns);
  if (tool.action === 'edit' && !isEdit) {
    throw createInputProblem([{ path: `${path}.action`, message: 'is edit, but there is no picture to edit' }]);
  }
  const pixels = toSizeChoice(tool, model.limits, { isEdit, hasMask: tool.input_image_mask != null });
  const payload = toPayload({
    ...toSubject(turns, body.previous_response_id),
    ...pixels.payload,
    ...toToolKeys(tool, path),
    google_search: wantsSearch(body, model) || undefined,
    system_instruction: toInstruction(items, body.instructions),
    temperature: body.temperature,
    top_p: body.top_p,
    response: toEcho(body, tool),
  });
  const serviceTier = readServiceTier(body['service_tier']);
  return {
    submission: toLongSubmission(call, {
      wire: 'responses',
      model: model.id,
      payload,
      serviceTier,
      fallback: body['fallback'],
    }),
    warnings: pixels.warnings,
    isInBackground: body.background ?? false,
    streams: body.stream ?? false,
  };
}

/** A call without the tool means it all the same: there is nothing else that this wire makes. */
function findImageTool({ tools }: ResponseBody): { readonly tool: ImageTool; readonly path: string } {
  const index = (tools ?? []).findIndex(({ type }) => type === 'image_generation');
  const path = `tools[${Math.max(index, 0)}]`;
  return { tool: parseInput(imageToolSchema, tools?.[index] ?? { type: 'image_generation' }, path), path };
}

/** Agents offer all the tools that they have; a model that cannot search makes its picture without this one. */
function wantsSearch({ tools }: ResponseBody, { limits }: ModelSpec): boolean {
  return (
    limits.optionalParameters.includes('google_search') && (tools ?? []).some(({ type }) => isWebSearch.test(type))
  );
}

/** Also `web_search_preview`, and either with a date. */
const isWebSearch = /^web_search(?:_|$)/;

function refuseOthers({ text }: ResponseBody, { background }: ImageTool, path: string): void {
  const type = text?.format?.type ?? 'text';
  if (type !== 'text') {
    throw new UnsupportedParameter('text.format', `is ${type}: an answer is a picture, and its text has no format`);
  }
  if (background === 'transparent') {
    const reason = 'is transparent, but the models here make pictures without an alpha channel';
    throw new UnsupportedParameter(`${path}.background`, reason);
  }
}

/** What the picture is to show. */
function toSubject(turns: readonly Turn[], previousId: string | null | undefined): TurnPayload | object {
  const payload = toTurnPayload(turns, 'input');
  if (previousId == null) return payload;
  if (turns.some(({ role }) => role === 'model')) {
    const message = 'cannot have answers together with previous_response_id, which replaces them';
    throw createInputProblem([{ path: 'input', message }]);
  }
  const message = toSingle({ role: 'user', parts: turns.flatMap(({ parts }) => parts) });
  return { ...message, previous_request_id: toRequestId(previousId) };
}

function toToolKeys(tool: ImageTool, path: string): Readonly<Record<string, unknown>> {
  const { output_format, input_image_mask: mask } = tool;
  // All of the quality, which is OpenAI's default, is no compression.
  const compression = (tool.output_compression ?? 100) < 100 ? tool.output_compression : undefined;
  if (compression != null && (output_format ?? 'png') === 'png') {
    const message = 'is possible only with jpeg and webp: a png is compressed without loss';
    throw createInputProblem([{ path: `${path}.output_compression`, message }]);
  }
  if (mask?.file_id != null) throw refuseFile(`${path}.input_image_mask.file_id`);
  return { image_output_format: output_format, image_output_compression: compression, mask: mask?.image_url };
}

function toEcho({ background, metadata }: ResponseBody, { input_image_mask: _mask, ...tool }: ImageTool): Echo {
  return { background: background ?? false, metadata: metadata ?? {}, tool };
}
