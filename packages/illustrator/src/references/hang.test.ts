import { expect, it } from 'vitest';
import { composeScene } from '../compose-scene.ts';
import type { ReferenceLook } from '../scene.ts';
import { shapes } from '../test-shapes.ts';

const pixels = shapes.square;
const look: ReferenceLook = { ratio: 1.5, isReadable: true, colours: ['#20a040', '#a02060'] };
const compose = (prompt: string, count: number, ...edits: string[]) =>
  composeScene(prompt, pixels, { edits, references: Array.from({ length: count }, () => look) });

it.each(['a panda in a cafe', 'a fox in a forest', 'an astronaut', 'a cup', '', 'a woman, portrait', 'a whale'])(
  'hangs up to 14 references within the picture of "%s"',
  (prompt) => {
    for (let count = 1; count <= 14; count++) {
      const { references, canvas } = compose(prompt, count);
      expect(references.map(({ index }) => index)).toEqual(Array.from({ length: count }, (_, index) => index));
      for (const { x, y, width, height } of references) {
        expect(x - width / 2).toBeGreaterThanOrEqual(0);
        expect(x + width / 2).toBeLessThanOrEqual(canvas.width);
        expect(y - height / 2).toBeGreaterThanOrEqual(0);
        expect(y + height / 2).toBeLessThanOrEqual(canvas.height);
      }
    }
  },
);

it('keeps references on a wall apart', () => {
  for (let count = 2; count <= 14; count++) {
    const { references } = compose('', count);
    for (const [index, one] of references.entries()) {
      const touching = references.slice(index + 1).filter((other) => {
        const across = Math.abs(one.x - other.x) < (one.width + other.width) / 2;
        return across && Math.abs(one.y - other.y) < (one.height + other.height) / 2;
      });
      expect(touching).toEqual([]);
    }
  }
});

it('shows a reference large when there is nothing else, in the requested colour', () => {
  const scene = compose('make it red', 1);
  expect(scene).toMatchObject({ subjects: [], wash: '#e5352f', references: [{ isMain: true }] });
  expect(scene.references[0]?.width).toBeGreaterThan(scene.canvas.width / 2);
});

it('reads a first text that asks for a change as an edit of the reference', () => {
  expect(compose('change the panda to a bear', 1).subjects.map(({ name }) => name)).toEqual(['bear']);
});

it('takes its colours from the references unless a text names a colour', () => {
  expect(compose('a robot', 1).palette.accents.slice(0, 2)).toEqual(look.colours);
  expect(compose('a red robot', 1).palette).toEqual(compose('a red robot', 0).palette);
});
