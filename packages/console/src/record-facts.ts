import type {
  FailureOutcomeRecord,
  FailureRecord,
  GroundingRecord,
  MediaRecord,
  ModelDetail,
  Pixels,
  RequestRecord,
  RequestStatus,
  SuccessOutcomeRecord,
} from '@darkroom/protocol';

import { toRatioNumbers } from './ratio-numbers.ts';

/** The facts of a record that the console shows. A payload may come from any client, so its keys may hold anything. */

export interface Picture {
  readonly id: string;
  readonly url: string;
  /** A small version of it. */
  readonly thumbnailUrl: string;
  readonly media: MediaRecord | undefined;
}

export const statusWords: Record<RequestStatus, string> = {
  queued: 'Queued',
  processing: 'Developing',
  success: 'Ready',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

export function isUnderWay({ status }: RequestRecord): boolean {
  return status === 'queued' || status === 'processing';
}

export function toPictures({ outcome, media: facts }: RequestRecord): readonly Picture[] {
  if (!isSuccess(outcome)) return [];
  return outcome.media_urls.map(({ id, url }) => {
    const media = facts?.find((one) => one.id === id);
    return { id, url, thumbnailUrl: media?.thumbnail_url ?? url, media };
  });
}

/** Why some of the pictures are missing, each reason once. */
export function toMissing({ outcome }: RequestRecord): readonly string[] {
  return isSuccess(outcome) ? [...new Set(outcome.missing?.map(({ message }) => message))] : [];
}

/** What the model looked up. */
export function toGrounding({ outcome }: RequestRecord): GroundingRecord | undefined {
  return isSuccess(outcome) ? outcome.grounding : undefined;
}

export function toFailure({ outcome }: RequestRecord): FailureRecord | undefined {
  return isFailure(outcome) ? outcome.error : undefined;
}

/** The API that the request was made with, when it is not this service's own. */
export function toWireName({ wire }: RequestRecord): string | undefined {
  return wire === 'queue' ? undefined : (wireNames[wire] ?? wire);
}

const wireNames: Readonly<Record<string, string>> = {
  openai: 'OpenAI Images',
  chat: 'Chat Completions',
  responses: 'OpenAI Responses',
  gemini: 'Gemini',
  interactions: 'Gemini Interactions',
  mcp: 'MCP',
  fal: 'fal',
  replicate: 'Replicate',
};

/** The model that made the pictures instead of the ordered one, and why. */
export function toStandIn({ outcome, model }: RequestRecord): string | undefined {
  if (!isSuccess(outcome) || !outcome.stand_in) return undefined;
  const { model: other, reason } = outcome.stand_in;
  return `Made by ${other}: ${model} ${standInReasons[reason]}.`;
}

/** What was the matter with the ordered model. */
const standInReasons: Record<NonNullable<SuccessOutcomeRecord['stand_in']>['reason'], string> = {
  resting: 'could not be called',
  overloaded: 'had no capacity',
  deadline: 'had no room before the deadline',
};

export function toPrompt({ payload }: RequestRecord): string {
  const prompt = payload['prompt'];
  return typeof prompt === 'string' ? prompt : 'A turn of a conversation';
}

/** The request whose picture this one changes. */
export function toPreviousId({ payload }: RequestRecord): string | undefined {
  const previous = payload['previous_request_id'];
  return typeof previous === 'string' ? previous : undefined;
}

/** Which of that request's pictures it changes, from 0. */
export function toPreviousImage({ payload }: RequestRecord): number {
  const index = payload['previous_image'];
  return typeof index === 'number' ? index : 0;
}

/** The size in pixels that was requested. */
export function toAskedPixels({ payload }: RequestRecord, detail: ModelDetail | undefined): Pixels {
  const { image_size: size, aspect_ratio: ratio } = payload;
  const exact = detail?.pixels[String(size)]?.[String(ratio)];
  if (exact) return exact;
  const [across, down] = toRatioNumbers(String(ratio));
  const side = Math.sqrt(megapixel / (across * down));
  return { width: Math.round(across * side), height: Math.round(down * side) };
}

const megapixel = 1024 * 1024;

/** How many pictures were requested. */
export function toCount({ payload }: RequestRecord): number {
  const count = payload['number_of_images'];
  return typeof count === 'number' ? count : 1;
}

type Outcome = RequestRecord['outcome'];

function isSuccess(outcome: Outcome): outcome is SuccessOutcomeRecord {
  return outcome !== null && 'media_urls' in outcome;
}

function isFailure(outcome: Outcome): outcome is FailureOutcomeRecord {
  return outcome !== null && 'error' in outcome;
}
