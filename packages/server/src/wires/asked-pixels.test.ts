import { describe, expect, it } from 'vitest';
import { toAskedShape, toKeptRatio } from './asked-pixels.ts';

const limits = { aspectRatios: ['1:1', '3:2', '16:9', '9:16', '21:9', 'auto'], imageSizes: ['1K', '2K', '4K'] };

describe('pixels in the words of a model', () => {
  it.for([
    [1024, 1024, '1:1', '1K'],
    [1792, 1024, '16:9', '1K'],
    [1536, 1024, '3:2', '1K'],
    [2560, 1080, '21:9', '2K'],
    [2160, 3840, '9:16', '4K'],
  ] as const)('%i x %i are %s in %s', ([width, height, aspect_ratio, image_size]) => {
    expect(toAskedShape({ width, height }, limits, 'size')).toEqual({ aspect_ratio, image_size });
  });

  it('are refused when the model has no ratio that looks the same', () => {
    expect(() => toAskedShape({ width: 1280, height: 800 }, limits, 'input.size')).toThrow(
      'input.size of 1280x800 is not close to a ratio that this model makes: 1:1, 3:2, 16:9, 9:16, 21:9.',
    );
  });

  it('take the largest size of a model that has no larger one', () => {
    const small = { ...limits, imageSizes: ['1K'] };
    expect(toAskedShape({ width: 4096, height: 4096 }, small, 'size').image_size).toBe('1K');
  });
});

describe('the ratio of an edit', () => {
  it('is that of its picture, where the model can keep it', () => {
    expect(toKeptRatio(['a'], limits)).toBe('auto');
    expect(toKeptRatio([], limits)).toBeUndefined();
    expect(toKeptRatio(['a'], { aspectRatios: ['1:1'] })).toBeUndefined();
  });
});
