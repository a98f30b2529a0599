import fc from 'fast-check';
import { expect, it } from 'vitest';
import { composeScene } from './compose-scene.ts';
import { drawScene } from './drawing/draw-scene.ts';
import type { Scene } from './scene.ts';
import { heights } from './subjects/piece.ts';
import { shapes } from './test-shapes.ts';

const pixels = shapes.square;
const cafe = 'A panda making latte art in a cozy cafe';
const compose = (prompt: string, ...edits: string[]) => composeScene(prompt, pixels, { edits });
const find = ({ subjects }: Scene, name: string) => subjects.find((subject) => subject.name === name);

it('puts the bear where the panda was and leaves everything else unchanged', () => {
  const [before, after] = [compose(cafe), compose(cafe, 'Change the panda to a brown bear and make the cup blue')];
  const [panda, latte] = before.subjects;
  expect(after).toEqual({
    ...before,
    subjects: [
      { ...panda, name: 'bear' },
      { ...latte, tint: '#2f7df6' },
    ],
  });
});

it.each([
  'add a croissant',
  'give it a hat',
  'remove the cup',
  'add two birds',
  'make the cup red',
  'make the cup bigger',
  'add a dog and a house',
])('moves nothing for "%s"', (text) => {
  const [before, after] = [compose(cafe), compose(cafe, text)];
  const places = (scene: Scene, names: readonly string[]) =>
    names.map((name) => find(scene, name)).map((subject) => subject && [subject.x, subject.y, subject.pose]);
  const kept = ['panda', 'latte'].filter((name) => find(after, name) !== undefined);
  expect(places(after, kept)).toEqual(places(before, kept));
  expect({ ...after, subjects: [] }).toEqual({ ...before, subjects: [] });
});

it('does not move a subject that an edit added when later edits add and remove others', () => {
  const chain = ['add a dog', 'add a balloon', 'remove the balloon', 'add a house', 'remove the house'];
  const dogs = chain.map((_, index) => find(compose('a cat', ...chain.slice(0, index + 1)), 'dog'));
  expect(new Set(dogs.map((dog) => JSON.stringify(dog))).size).toBe(1);
});

it('gives the place of a removed subject to a similar one', () => {
  const [before, after] = [compose(cafe), compose(cafe, 'remove the cup', 'add a cake')];
  expect(find(after, 'birthday-cake')).toMatchObject({ x: find(before, 'latte')?.x, y: find(before, 'latte')?.y });
});

it('keeps the place and the height of a replaced subject, whatever the pose', () => {
  const [before, after] = [compose('a fox in a forest'), compose('a fox in a forest', 'change the fox to an elephant')];
  const [fox, elephant] = [find(before, 'fox'), find(after, 'elephant')];
  expect([elephant?.x, elephant?.y]).toEqual([fox?.x, fox?.y]);
  expect(elephant?.size).toBeCloseTo((fox?.size ?? 0) / 0.66);
});

it('brings subjects that cannot fly down from the sky', () => {
  const scene = compose('three birds over a lake', 'replace the birds with a bear');
  expect(find(scene, 'bear')?.y).toBeGreaterThan(scene.horizon);
});

it('dresses a creature in what an edit gives it, in the named colour', () => {
  expect(find(compose(cafe, 'give it a red hat'), 'panda')?.worn).toMatchObject([{ name: 'top-hat', tint: '#e5352f' }]);
  expect(find(compose(cafe, 'give it a hat', 'remove the hat'), 'panda')?.worn).toEqual([]);
});

const words = [
  'change turn replace swap make paint add give put remove delete take keep undo without instead shrink enlarge',
  'the a an two five all it them everything background sky picture to into with for of on in and , . but not',
  'panda bear cup hat dog bird tree house woman balloon horse moon blue red dark orange bigger tiny',
  'night sunset forest sea space snow rain winter watercolor pixel art portrait cafe',
].flatMap((line) => line.split(' '));
const sentences = fc.array(fc.constantFrom(...words), { maxLength: 12 }).map((list) => list.join(' '));
const texts = fc.array(fc.oneof({ weight: 5, arbitrary: sentences }, fc.string({ unit: 'binary' })), { maxLength: 8 });

it('composes and draws a scene within the bounds for any list of edits, and always the same scene', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(cafe, '', 'three birds over a lake', 'a woman riding a horse'),
      texts,
      (prompt, edits) => {
        const scene = composeScene(prompt, pixels, { edits });
        expect(composeScene(prompt, pixels, { edits })).toEqual(scene);
        for (const { x, y, size, pose } of scene.subjects) {
          expect(size).toBeGreaterThan(0);
          expect(x - size / 2).toBeGreaterThanOrEqual(-0.001);
          expect(x + size / 2).toBeLessThanOrEqual(scene.canvas.width + 0.001);
          expect(y - size * heights[pose]).toBeGreaterThanOrEqual(-0.001);
          expect(y).toBeLessThanOrEqual(scene.canvas.height * 1.06 + 0.001);
        }
        expect(drawScene(scene).picture).not.toMatch(/NaN|Infinity|undefined/);
      },
    ),
    { numRuns: 80 },
  );
});
