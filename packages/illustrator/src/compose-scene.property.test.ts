import fc from 'fast-check';
import { expect, it } from 'vitest';
import { composeScene } from './compose-scene.ts';
import { drawScene } from './drawing/draw-scene.ts';
import { colourWords } from './language/colours.ts';
import { loadLexicon } from './language/lexicon.ts';
import { settings } from './language/settings.ts';
import { backgroundKinds } from './scene.ts';
import { heights } from './subjects/piece.ts';
import { shapes } from './test-shapes.ts';

const vocabulary = [
  ...loadLexicon().keys(),
  ...settings.keys(),
  ...Object.keys(colourWords),
  'two',
  'five',
  'wearing',
  'riding',
  '🦊',
  '7',
];
const sentences = fc.array(fc.constantFrom(...vocabulary), { maxLength: 40 }).map((words) => words.join(' '));
const prompts = fc.oneof(
  sentences,
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.string({ unit: 'grapheme', maxLength: 200 }),
);
const shape = fc.constantFrom(...Object.values(shapes));

it('composes a valid scene within the bounds for any prompt and shape, and always the same scene', () => {
  fc.assert(
    fc.property(prompts, shape, (prompt, pixels) => {
      const scene = composeScene(prompt, pixels);
      expect(composeScene(prompt, pixels)).toEqual(scene);
      expect(backgroundKinds).toContain(scene.background);
      const { width, height } = scene.canvas;
      for (const { x, y, size, pose } of scene.subjects) {
        expect(size).toBeGreaterThan(0);
        expect(x - size / 2).toBeGreaterThanOrEqual(-0.001);
        expect(x + size / 2).toBeLessThanOrEqual(width + 0.001);
        expect(y - size * heights[pose]).toBeGreaterThanOrEqual(-0.001);
        expect(y).toBeLessThanOrEqual(height * 1.06 + 0.001);
      }
    }),
    { numRuns: 200 },
  );
});

it('draws only numbers, and never a word of the prompt', () => {
  fc.assert(
    fc.property(sentences, shape, (prompt, pixels) => {
      const marked = `${prompt} qwxzjk <script>`;
      const { picture } = drawScene(composeScene(marked, pixels));
      expect(picture).not.toMatch(/NaN|Infinity|undefined|qwxzjk|<script/);
    }),
    { numRuns: 60 },
  );
});
