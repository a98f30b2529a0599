import type { Failure } from '../../core/failures.ts';
import type { GroundingSource } from '../../core/grounding.ts';
import type { ImageRequest } from '../../core/image-request.ts';
import { toDollars } from '../../core/pricing.ts';
import { StoredBase64 } from '../../http/json-answer.ts';
import type { MediaStore } from '../../media/media-store.ts';
import { type Choices, readChoices } from './choices.ts';

export interface PicturePlaces {
  readonly media: Pick<MediaStore, 'toAddress'>;
  readonly publicUrl: string;
}

/** A request as an interaction; its pictures are streamed from the store, or are addresses. */
export function toInteraction(request: ImageRequest, places: PicturePlaces): Record<string, unknown> {
  const { outcome } = request;
  const choices = readChoices(request);
  const content = toContent(request, { ...places, ...choices });
  return {
    ...toHead(request),
    ...(choices.previousId !== undefined && { previous_interaction_id: choices.previousId }),
    ...(choices.labels && { labels: choices.labels }),
    steps: [...toSearchSteps(request), ...(content.length > 0 ? [{ type: 'model_output', content }] : [])],
    ...(outcome && { usage: toUsage(request) }),
    ...(outcome?.kind === 'failure' && { errors: [toError(outcome.failure)] }),
  };
}

/** What the model looked up before its output, as the call of a tool and its result. */
export function toSearchSteps({ id, outcome }: ImageRequest): readonly object[] {
  const grounding = outcome?.kind === 'success' ? outcome.grounding : undefined;
  if (!grounding) return [];
  const { queries, suggestions } = grounding;
  const callId = `search_${id}`;
  return [
    { type: 'google_search_call', id: callId, search_type: 'web_search', arguments: { queries } },
    {
      type: 'google_search_result',
      call_id: callId,
      result: suggestions === undefined ? [] : [{ search_suggestions: suggestions }],
    },
  ];
}

/** What an interaction is besides its output. */
export function toHead(request: ImageRequest): Record<string, unknown> {
  const { id, model, createdAt, updatedAt } = request;
  return {
    id,
    object: 'interaction',
    model,
    status: toStatus(request),
    created: new Date(createdAt).toISOString(),
    updated: new Date(updatedAt).toISOString(),
  };
}

function toStatus({ status, outcome }: ImageRequest): string {
  switch (status) {
    case 'queued':
      return 'queued';
    case 'processing':
      return 'in_progress';
    case 'success':
      return 'completed';
    case 'failed':
      return outcome?.kind === 'failure' && outcome.failure.code === 'token_limit' ? 'incomplete' : 'failed';
    case 'cancelled':
      return 'cancelled';
  }
}

/** What the model said, then its pictures; instead of a picture, it may have said something as well. */
export function toContent(
  { outcome }: ImageRequest,
  { media, publicUrl, delivery, without_text: withoutText }: PicturePlaces & Choices,
): readonly object[] {
  if (!outcome) return [];
  const text = outcome.kind === 'failure' ? outcome.failure.modelText : withoutText ? undefined : outcome.text;
  const toBytes = (name: string) =>
    delivery === 'uri' ? { uri: media.toAddress(name, publicUrl).url } : { data: new StoredBase64(name) };
  const pictures = outcome.kind === 'success' ? outcome.pictures : [];
  const drawn = pictures.map(({ name, format }) => ({ type: 'image', mime_type: `image/${format}`, ...toBytes(name) }));
  const sources = outcome.kind === 'success' && !withoutText ? outcome.grounding?.sources : undefined;
  return [...(text === undefined && !sources ? [] : [toTextContent(text ?? '', sources)]), ...drawn];
}

/** With the sources, each of the whole text. */
function toTextContent(text: string, sources: readonly GroundingSource[] = []): object {
  const annotations = sources.map((source) => ({
    type: 'url_citation',
    ...source,
    start_index: 0,
    end_index: Buffer.byteLength(text),
  }));
  return { type: 'text', text, ...(annotations.length > 0 && { annotations }) };
}

export function toUsage({ outcome, costMicros }: ImageRequest): Record<string, unknown> {
  const cost = { cost_usd: toDollars(costMicros) };
  const usage = outcome?.kind === 'success' ? outcome.usage : undefined;
  if (!usage) return cost;
  const { promptTokens, imageTokens, textTokens, thoughtTokens, totalTokens } = usage;
  return {
    total_input_tokens: promptTokens,
    total_output_tokens: imageTokens + textTokens,
    total_thought_tokens: thoughtTokens,
    total_tokens: totalTokens,
    output_tokens_by_modality: [
      { modality: 'image', tokens: imageTokens },
      { modality: 'text', tokens: textTokens },
    ],
    ...cost,
  };
}

export function toError({ code, message }: Failure): { readonly code: string; readonly message: string } {
  return { code, message };
}
