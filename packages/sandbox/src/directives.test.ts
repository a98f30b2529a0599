import { expect, it } from 'vitest';
import { combineDirectives, parseDirectives, stripDirectives } from './directives.ts';

it('reads every word with its unit', () => {
  const blocks = parseDirectives(
    '[[sandbox delay=1.5m retry=250ms bytes=18MB signature=2KB size=64x48 images=3 status=429 kind=day signatures=refuse times=2]]',
  );
  expect(blocks).toEqual([
    {
      directives: {
        delayMs: 90_000,
        retryMs: 250,
        bytes: 18_000_000,
        signature: 2000,
        size: { width: 64, height: 48 },
        images: 3,
        status: 429,
        kind: 'day',
        signatures: 'refuse',
      },
      times: 2,
    },
  ]);
});

it('gives precedence to the later word, and ignores a block after its number of times', () => {
  const blocks = parseDirectives('[[sandbox images=2]] [[sandbox images=3 hang times=1]]');
  expect(combineDirectives(blocks, 1)).toEqual({ images: 3, hang: true });
  expect(combineDirectives(blocks, 2)).toEqual({ images: 2 });
});

it('leaves a prompt without directives exactly as it is', () => {
  for (const prompt of ['', ' a  fox\n', '[[sand]] [[sandbox', '[sandbox hang]', '[[sandboxes]]']) {
    expect([parseDirectives(prompt), stripDirectives(prompt)]).toEqual([[], prompt]);
  }
});

it('reads a prompt full of opening brackets in one pass', () => {
  const prompt = '[[sandbox '.repeat(26_000);
  expect([parseDirectives(prompt), stripDirectives(prompt)]).toEqual([[], prompt]);
});
