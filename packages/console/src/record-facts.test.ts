import type { ModelDetail, RequestRecord } from '@darkroom/protocol';
import { describe, expect, it } from 'vitest';
import {
  isUnderWay,
  toAskedPixels,
  toCount,
  toFailure,
  toMissing,
  toPictures,
  toPrompt,
  toStandIn,
  toWireName,
} from './record-facts.ts';

const record: RequestRecord = {
  request_id: '019ab000-0000-7000-8000-000000000001',
  org_id: 'default',
  user_id: 'key',
  model: 'gemini-3-pro-image-preview',
  status: 'processing',
  is_public: false,
  payload: { prompt: 'A lighthouse', image_size: '2K', aspect_ratio: '16:9', number_of_images: 2 },
  outcome: null,
  created_at: 1_795_371_136,
  updated_at: 1_795_371_140,
  queued_at: 1_795_371_136,
  estimated_cost_usd: 0.268,
  cost_usd: 0,
  priority: 0,
  deadline_at: 1_795_374_736,
  wire: 'queue',
};

const media = {
  id: '1',
  content_type: 'image/png',
  width: 2752,
  height: 1536,
  bytes: 5,
  sha256: 'ab',
  thumbnail_url: 'http://darkroom.test/media/1.png/thumbnail',
};
const failure = {
  code: 'no_image',
  message: 'The model made no picture.',
  retryable: true,
  blame: 'upstream' as const,
};

const detail = { pixels: { '2K': { '16:9': { width: 2752, height: 1536 } } } } as unknown as ModelDetail; // the rest is not read

describe('the facts of a record', () => {
  it('say what was requested while there is no outcome', () => {
    expect(isUnderWay(record)).toBe(true);
    expect(toPrompt(record)).toBe('A lighthouse');
    expect(toAskedPixels(record, detail)).toEqual({ width: 2752, height: 1536 });
    expect(toAskedPixels(record, undefined)).toEqual({ width: 1365, height: 768 });
    expect(toCount(record)).toBe(2);
    expect(toPictures(record)).toEqual([]);
    expect(toFailure(record)).toBeUndefined();
  });

  it('name the API that another client used, and say nothing of requests of this service’s own', () => {
    expect(toWireName(record)).toBeUndefined();
    expect(['responses', 'unheard-of'].map((wire) => toWireName({ ...record, wire }))).toEqual([
      'OpenAI Responses',
      'unheard-of',
    ]);
  });

  it('join each picture with its media by id, and name each reason of a missing one once', () => {
    const urls = ['0', '1'].map((id) => ({ id, url: `http://darkroom.test/media/${id}.png` }));
    const outcome = {
      media_urls: urls,
      next_turn_contents: [],
      cost_usd: 0.1,
      missing: [failure, failure],
    };
    const done: RequestRecord = { ...record, status: 'success', outcome, media: [media] };
    expect(isUnderWay(done)).toBe(false);
    expect(toPictures(done)).toEqual([
      { ...urls[0], thumbnailUrl: urls[0]?.url, media: undefined },
      { ...urls[1], thumbnailUrl: media.thumbnail_url, media },
    ]);
    expect(toMissing(done)).toEqual([failure.message]);
  });

  it('say why a request failed', () => {
    const failed: RequestRecord = { ...record, status: 'failed', outcome: { error: failure, cost_usd: 0 } };
    expect(toFailure(failed)).toEqual(failure);
    expect(toPictures(failed)).toEqual([]);
    expect(toMissing(failed)).toEqual([]);
  });

  it('can be read from any payload that another client sent', () => {
    const odd: RequestRecord = { ...record, payload: { contents: [], image_size: 7, number_of_images: 'many' } };
    expect(toPrompt(odd)).toBe('A turn of a conversation');
    expect(toAskedPixels(odd, detail)).toEqual({ width: 1024, height: 1024 });
    expect(toCount(odd)).toBe(1);
  });

  it('say which model made the pictures instead of the ordered one, and why', () => {
    const outcome = { media_urls: [], cost_usd: 0, stand_in: { model: 'gpt-image-2', reason: 'overloaded' } };
    const made = { ...record, status: 'success', outcome } as unknown as RequestRecord; // the rest is not read
    expect(toStandIn(made)).toBe('Made by gpt-image-2: gemini-3-pro-image-preview had no capacity.');
    expect(toStandIn(record)).toBeUndefined();
  });
});
