import { z } from 'zod';
import { createInputProblem, formatPath } from '../../core/parse-input.ts';
import type { ModelSpec } from '../../models/model-spec.ts';
import type { Choices } from './choices.ts';
import { type CreateBody, formatSchema, type ImageFormat } from './create-body.ts';
import { type InputPart, type InputPicture, isText, toTurns } from './input.ts';

/** The payload of the queue that a body means. Keys that are `undefined` are left out of its JSON. */
export function toPayload(body: CreateBody, { limits }: Pick<ModelSpec, 'limits'>): Record<string, unknown> {
  const { system_instruction, generation_config: config = {}, tools = [] } = body;
  const format = findImageFormat(body.response_format);
  const hasAuto = limits.aspectRatios.includes('auto');
  return {
    ...toSubject(body),
    previous_request_id: body.previous_interaction_id,
    // Google gives an edit the ratio of its picture when none is named.
    aspect_ratio: format?.aspect_ratio ?? config.image_config?.aspect_ratio ?? (hasAuto ? 'auto' : undefined),
    image_size: format?.image_size ?? config.image_config?.image_size,
    image_output_format: format?.mime_type?.replace(/^image\//, ''),
    system_instruction,
    temperature: config.temperature,
    top_p: config.top_p,
    seed: config.seed,
    thinking_level: config.thinking_level,
    safety_settings: body.safety_settings?.map(({ type, threshold }) => ({
      category: `HARM_CATEGORY_${type.toUpperCase()}`,
      threshold: threshold.toUpperCase(),
    })),
    google_search: toSearch(tools),
    interaction: toChoices(body, format),
  };
}

function toChoices(
  { response_modalities, labels, webhook_config }: CreateBody,
  format?: ImageFormat,
): Choices | undefined {
  const withoutText = response_modalities !== undefined && !response_modalities.includes('text');
  const choices: Choices = {
    ...(format?.delivery === 'uri' && { delivery: 'uri' }),
    ...(withoutText && { without_text: true }),
    ...(labels && { labels }),
    ...(webhook_config?.user_metadata && { user_metadata: webhook_config.user_metadata }),
  };
  return Object.keys(choices).length > 0 ? choices : undefined;
}

/** What the picture is to show: a prompt and its references, or a conversation. */
function toSubject({ input, previous_interaction_id: previousId }: CreateBody): Record<string, unknown> {
  const turns = toTurns(input);
  const [only] = turns;
  if (turns.length === 1 && only?.role === 'user' && (previousId !== undefined || !isInterleaved(only.parts))) {
    const texts = only.parts.filter(isText).map(({ text }) => text);
    const pictures = only.parts.flatMap((part) => (isText(part) ? [] : [toReference(part)]));
    return { prompt: texts.join('\n'), ...(pictures.length > 0 && { image: pictures }) };
  }
  if (previousId === undefined) return { contents: turns };
  const message = 'cannot have steps of the model together with previous_interaction_id, which replaces them';
  throw createInputProblem([{ path: 'input', message }]);
}

/** Does the order of texts and pictures mean something? */
function isInterleaved(parts: readonly InputPart[]): boolean {
  const texts = parts.filter(isText).length;
  return texts > 1 && texts < parts.length;
}

function toReference(picture: InputPicture): string {
  if ('fileData' in picture) return picture.fileData.fileUri;
  const { mimeType = 'image/png', data } = picture.inlineData;
  return data.startsWith('data:') ? data : `data:${mimeType};base64,${data}`;
}

function findImageFormat(given: unknown): ImageFormat | undefined {
  const parsed = z.array(formatSchema).safeParse([given ?? []].flat());
  const toPath = ([index, ...rest]: readonly PropertyKey[]) =>
    formatPath('response_format', Array.isArray(given) && index !== undefined ? [index, ...rest] : rest);
  if (!parsed.success)
    throw createInputProblem(parsed.error.issues.map(({ path, message }) => ({ path: toPath(path), message })));
  const formats = parsed.data.filter((format) => format.type === 'image');
  if (formats.length > 1)
    throw createInputProblem([{ path: 'response_format', message: 'has more than one image format: give one' }]);
  return formats[0];
}

function toSearch(tools: NonNullable<CreateBody['tools']>): true | undefined {
  const index = tools.findIndex(({ type }) => type === 'google_search');
  const others = tools[index]?.search_types?.filter((type) => type !== 'web_search') ?? [];
  if (others.length > 0) {
    const message = `has ${JSON.stringify(others[0])}: only "web_search" is possible here`;
    throw createInputProblem([{ path: `tools[${index}].search_types`, message }]);
  }
  return index >= 0 ? true : undefined;
}
