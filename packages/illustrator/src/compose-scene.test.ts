import { expect, it } from 'vitest';
import { composeScene } from './compose-scene.ts';
import { enlarge, shapes } from './test-shapes.ts';

const { square } = shapes;
const compose = (prompt: string) => composeScene(prompt, square);
const named = (prompt: string) => compose(prompt).subjects.map(({ name }) => name);

it.each([
  ['A panda making latte art in a cozy cafe', ['latte', 'panda']],
  ['two birds over a castle', ['bird', 'bird', 'castle']],
  ['hot air balloon', ['hot-air-balloon']],
  ['a brown bear', ['bear']],
  ['a knight and a dragon', ['dragon', 'guard']],
  ['Glasses of wine on a piano', ['piano', 'wine-glass', 'wine-glass', 'wine-glass']],
  ['🦊 with a 🎈', ['balloon', 'fox']],
  ['👩🏽‍🚀', ['woman-astronaut']],
  ['a café latte', ['latte']],
])('shows what "%s" names', (prompt, names) => {
  expect(named(prompt).toSorted()).toEqual(names);
});

it.each([
  ['three cats', 3],
  ['a cat', 1],
  ['5 cats', 5],
  ['a couple of cats', 2],
  ['cats', 3],
  ['99 cats', 12],
])('counts "%s"', (prompt, count) => {
  expect(named(prompt)).toEqual(Array.from({ length: count }, () => 'cat'));
});

it.each([
  ['the art of making something beautiful with light'],
  ['concatenate the carpet'],
  ['1234567890'],
  ['?!... ;;; --'],
  [''],
  ['quod erat demonstrandum'],
  ['constructor __proto__ toString hasOwnProperty'],
])('finds nothing to draw in "%s" and makes an abstract picture', (prompt) => {
  expect(compose(prompt)).toMatchObject({ background: 'abstract', subjects: [] });
});

it.each([
  ['a blue cup', 'latte', '#2f7df6'],
  ['a small red vintage bicycle', 'bicycle', '#e5352f'],
  ['a house and a green car', 'automobile', '#35a94a'],
])('tints the noun that follows the colour in "%s"', (prompt, name, tint) => {
  const { subjects } = compose(prompt);
  expect(subjects.filter((subject) => subject.tint !== undefined)).toMatchObject([{ name, tint }]);
});

it('reads orange as a colour before a noun and as a fruit elsewhere', () => {
  expect(compose('an orange fox').subjects).toMatchObject([{ name: 'fox', tint: '#ff8b2b' }]);
  expect(named('a fox and an orange').toSorted()).toEqual(['fox', 'tangerine']);
});

it.each([
  ['a cat in a garden at sunset', { background: 'meadow', time: 'sunset' }],
  ['a dog in a coffee shop', { background: 'room' }],
  ['a cat under the sea', { background: 'underwater' }],
  ['a snowy forest at night', { background: 'snow', time: 'night' }],
  ['an autumn forest in the mist', { background: 'forest', season: 'autumn', weather: 'fog' }],
  ['a taxi downtown in the rain', { background: 'city', weather: 'rain' }],
  ['whales', { background: 'sea' }],
  ['a rocket', { background: 'space' }],
  ['a bowl of ramen', { background: 'studio' }],
  ['the full moon over a desert', { background: 'desert', time: 'night' }],
])('sets the stage of "%s"', (prompt, stage) => {
  expect(compose(prompt)).toMatchObject(stage);
});

it.each([
  ['cyberpunk cat', ['neon']],
  ['black and white photo of a dog', ['monochrome', 'realistic']],
  ['pixel art, watercolor, pastel', ['pixelated', 'painted', 'pastel']],
  ['minimalist vintage pencil sketch', ['minimalist', 'vintage', 'sketched']],
])('finds the styles in "%s"', (prompt, styles) => {
  expect(new Set(compose(prompt).styles)).toEqual(new Set(styles));
});

it('puts a portrait on shoulders and fills the picture with it', () => {
  const scene = composeScene('A hyperrealistic portrait of a cyberpunk woman under neon lights', shapes.portrait);
  expect(scene).toMatchObject({ background: 'city', time: 'neon', isPortrait: true });
  expect(scene.subjects).toMatchObject([{ name: 'woman', pose: 'bust', outfit: 'neon' }]);
  expect(scene.subjects[0]?.size).toBeGreaterThan(scene.canvas.width / 2);
});

it('seats a guest behind the table and lays things on it', () => {
  const { table = 0, subjects } = compose('A panda making latte art in a cozy cafe');
  const [panda, latte] = subjects;
  expect(panda).toMatchObject({ name: 'panda', pose: 'bust', outfit: 'apron' });
  expect(latte?.y).toBeGreaterThan(table);
});

it('makes the thing named first the largest and the nearest', () => {
  const [cat, ...birds] = compose('a cat and two birds in a garden').subjects.toReversed();
  expect(cat?.name).toBe('cat');
  for (const bird of birds) {
    expect(bird.size).toBeLessThan(cat?.size ?? 0);
    expect(bird.y).toBeLessThan(compose('a cat and two birds in a garden').horizon);
  }
});

it('dresses a creature in what it wears and seats it on what it rides', () => {
  expect(compose('a cat wearing sunglasses and a hat').subjects).toMatchObject([
    { name: 'cat-face', pose: 'figure', worn: [{ name: 'sunglasses' }, { name: 'top-hat' }] },
  ]);
  const [rider, horse] = compose('an astronaut riding a horse').subjects;
  expect([rider?.name, horse?.name]).toEqual(['astronaut', 'horse']);
  expect(rider?.y).toBeLessThan(horse?.y ?? 0);
});

it('composes the same scene at every size of a ratio', () => {
  for (const shape of Object.values(shapes)) {
    const [small, large] = [composeScene('a fox', enlarge(shape, 2)), composeScene('a fox', enlarge(shape, 4))];
    expect({ ...small, pixels: 0 }).toEqual({ ...large, pixels: 0 });
  }
});
