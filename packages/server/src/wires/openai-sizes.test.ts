import { describe, expect, it } from 'vitest';
import { type SizeWish, toSizeChoice } from './openai-sizes.ts';

const limits = {
  imageSizes: ['1K', '2K', '4K'],
  aspectRatios: ['1:1', '2:3', '3:2', '3:4', '4:3', '4:5', '5:4', '9:16', '16:9', '21:9', 'auto'],
};
const choose = (wish: SizeWish, isEdit = false) => toSizeChoice(wish, limits, { isEdit });

describe('the sizes of OpenAI', () => {
  it.each([
    ['1024x1024', '1:1', '1K'],
    ['1536x1024', '3:2', '1K'],
    ['1024x1536', '2:3', '1K'],
    ['1792x1024', '16:9', '2K'],
    ['1024x1792', '9:16', '2K'],
    ['512x512', '1:1', '1K'],
    ['2048x2048', '1:1', '2K'],
    ['3840x2160', '16:9', '4K'],
    ['4096X4096', '1:1', '4K'],
  ])('become ratios and sizes of the model: %s', (size, aspect_ratio, image_size) => {
    expect(choose({ size })).toEqual({ payload: { aspect_ratio, image_size }, warnings: [] });
  });

  it.each([
    ['16:9', { aspect_ratio: '16:9' }],
    ['7:5', { aspect_ratio: '7:5' }],
    ['2k', { image_size: '2K' }],
    ['auto', {}],
    [null, {}],
  ])('may be words of the model, which checks them: %s', (size, payload) => {
    expect(choose({ size })).toEqual({ payload, warnings: [] });
  });

  it('leave the ratio of an edit to its picture, unless they name one', () => {
    expect(choose({}, true).payload).toEqual({ aspect_ratio: 'auto' });
    expect(choose({ size: '1536x1024' }, true).payload).toEqual({ aspect_ratio: '3:2', image_size: '1K' });
  });

  it('leave the ratio to the picture beside a mask, and say so', () => {
    expect(toSizeChoice({ size: '1536x1024' }, limits, { isEdit: true, hasMask: true })).toEqual({
      payload: { aspect_ratio: 'auto', image_size: '1K' },
      warnings: ['size 1536x1024 was ignored: with a mask, a picture keeps its size'],
    });
  });

  it('give way to the words of the model itself', () => {
    const wish = { size: '1024x1024', quality: 'max', aspect_ratio: '21:9', image_size: '2K' };
    expect(choose(wish)).toEqual({ payload: { aspect_ratio: '21:9', image_size: '2K' }, warnings: [] });
  });

  it('become larger by quality, and never smaller', () => {
    const toSize = (wish: SizeWish) => choose(wish).payload.image_size;
    expect([toSize({ quality: 'hd' }), toSize({ quality: 'xhigh' }), toSize({ quality: 'low' })]).toEqual([
      '2K',
      '4K',
      undefined,
    ]);
    expect(toSize({ size: '1024x1024', quality: 'high' })).toBe('2K');
    expect(toSize({ size: '2048x2048', quality: 'low' })).toBe('2K');
    expect(toSize({ size: '4K', quality: 'high' })).toBe('4K');
  });

  it('say when the model has nothing like them', () => {
    expect(choose({ size: '3000x1000' })).toEqual({
      payload: { aspect_ratio: '21:9', image_size: '2K' },
      warnings: ['size 3000x1000 was changed to the ratio 21:9, the closest that the model has'],
    });
    const small = { ...limits, imageSizes: ['1K'] };
    expect(toSizeChoice({ quality: 'max' }, small, { isEdit: false })).toEqual({
      payload: { image_size: '1K' },
      warnings: ['the size 4K was changed to 1K, the largest that the model has'],
    });
  });

  it('leave the quality to a model that has qualities of its own', () => {
    const fine = { ...limits, qualities: ['medium', 'high', 'max'] };
    const payloadOf = (quality: string) =>
      toSizeChoice({ size: '1024x1024', quality }, fine, { isEdit: false }).payload;
    expect(payloadOf('max')).toMatchObject({ image_size: '1K', quality: 'max' });
    expect(payloadOf('hd')).toMatchObject({ quality: 'high' });
    expect(() => payloadOf('low')).toThrow('quality must be one of medium, high, max');
  });

  it('are refused when they mean nothing', () => {
    expect(() => choose({ size: 'huge' })).toThrow('size must be auto, WIDTHxHEIGHT');
    expect(() => choose({ quality: 'finest' })).toThrow('quality must be one of auto, low');
  });
});
