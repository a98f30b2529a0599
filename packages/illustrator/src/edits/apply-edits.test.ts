import { expect, it } from 'vitest';
import { colourWords } from '../language/colours.ts';
import { readPrompt } from '../language/read-prompt.ts';
import { settleStage } from '../settle-stage.ts';
import { applyEdits } from './apply-edits.ts';

const cafe = 'A panda making latte art in a cozy cafe';
const edit = (prompt: string, ...texts: string[]) => applyEdits(settleStage(readPrompt(prompt)), texts);

/** All visible subjects, such as "2 blue cat". */
function seen(prompt: string, ...texts: string[]): readonly string[] {
  const names = new Map(Object.entries(colourWords).map(([word, colour]) => [colour, word]));
  return edit(prompt, ...texts).nouns.flatMap(({ name, count, tint, edited }) => {
    const words = [count === 1 ? [] : String(count), tint === undefined ? [] : (names.get(tint) ?? tint), name];
    return edited?.isRemoved ? [] : words.flat().join(' ');
  });
}

it.each([
  'Change the panda to a brown bear and make the cup blue',
  'change the panda into a bear, and the cup to blue',
  'Turn the panda into a bear. The cup should be blue.',
  'replace the panda with a bear and paint the cup blue',
  'swap the panda for a brown bear; blue cup',
  'make the panda a bear and give the cup a blue colour',
  'A bear instead of the panda, please, and colour the cup blue',
  'Could you transform the panda to a bear, then make the cup turn blue?',
  'substitute a bear for the panda, cup blue',
  "panda -> bear, the cup's colour to blue",
])('makes the bear and the blue cup of "%s"', (text) => {
  expect(seen(cafe, text)).toEqual(['bear', 'blue latte']);
});

it.each([
  ['use a lion instead', ['lion', 'latte']],
  ['make it a dog', ['dog', 'latte']],
  ['replace the panda with two cats', ['cat', 'latte', 'cat']],
  ['change the woman to a robot', ['panda', 'latte', 'robot']],
  ['replace the cup with a glass of wine, and the panda with a rabbit', ['rabbit', 'wine-glass']],
])('replaces what is named in "%s"', (text, names) => {
  expect(seen(cafe, text)).toEqual(names);
});

it.each([
  ['make it blue', ['blue panda', 'latte']],
  ['make the cup orange', ['panda', 'orange latte']],
  ['make the cup and the panda purple', ['purple panda', 'purple latte']],
  ['cup blue, panda red', ['red panda', 'blue latte']],
  ['I want a green cup', ['panda', 'green latte']],
  ['change the color of the cup to teal', ['panda', 'teal latte']],
  ['make the scarf red', ['panda', 'latte', 'red scarf']],
  ['make everything teal', ['teal panda', 'teal latte']],
])('colours what is named in "%s"', (text, names) => {
  expect(seen(cafe, text)).toEqual(names);
});

it.each([
  ['add a croissant', ['croissant']],
  ['add two birds and a cake on the table', ['2 bird', 'birthday-cake']],
  ['with a red balloon', ['red balloon']],
  ['add a cat next to the panda', ['cat']],
  ['put an orange beside the cup', ['tangerine']],
  ['a penguin and a dolphin', ['penguin', 'dolphin']],
  ['add another panda', ['panda']],
  ['make the panda hold a balloon', ['balloon']],
  ['give it a hat', ['top-hat']],
  ['put a red hat on the panda', ['red top-hat']],
  ['give them hats', ['top-hat']],
])('adds what is missing in "%s"', (text, added) => {
  expect(seen(cafe, text)).toEqual(['panda', 'latte', ...added]);
});

it.each([
  ['remove the cup', ['panda']],
  ['take away the panda', ['latte']],
  ['get rid of the cup', ['panda']],
  ['no cup', ['panda']],
  ['without the cup', ['panda']],
  ['make the panda disappear', ['latte']],
  ['delete everything except the cup', ['latte']],
  ['remove everything but the panda', ['panda']],
  ['remove the panda and the cup', []],
  ['remove the elephant', ['panda', 'latte']],
])('removes what "%s" names', (text, names) => {
  expect(seen(cafe, text)).toEqual(names);
});

it.each([
  ['remove one bird', ['2 bird']],
  ['make it five birds', ['3 bird', '2 bird']],
  ['change one bird into a kite', ['2 bird', 'kite']],
  ['change the birds to balloons', ['3 balloon']],
  ['remove all birds', []],
])('counts in "%s"', (text, names) => {
  expect(seen('three birds over a lake', text)).toEqual(names);
});

it.each([
  ['make it night', { background: 'room', time: 'night' }],
  ['turn day into night', { time: 'night' }],
  ['at sunset', { background: 'room', time: 'sunset' }],
  ['make it rain', { background: 'room', weather: 'rain' }],
  ['let it snow', { background: 'room', weather: 'snow', season: 'winter' }],
  ['in winter', { background: 'room', weather: 'snow', season: 'winter' }],
  ['put it in a forest', { background: 'forest' }],
  ['change the background to the sea', { background: 'beach' }],
  ['on the moon', { background: 'moonscape' }],
  ['move the panda to the desert at dusk', { background: 'desert', time: 'sunset' }],
  ['replace the cafe with a city at night', { background: 'city', time: 'night' }],
  ['add a bird in the sky', { background: 'room' }],
  ['make the background blue', { background: 'studio', wash: '#2f7df6' }],
  ['remove the background', { background: 'studio' }],
  ['make the sky pink', { skyTint: '#ff78b4' }],
  ['in watercolor style', { styles: ['painted'] }],
  ['as pixel art', { styles: ['pixelated'] }],
  ['make the photo black and white', { styles: ['monochrome'] }],
])('sets the stage of "%s"', (text, stage) => {
  expect(edit(cafe, text)).toMatchObject(stage);
});

it.each([
  ['make the panda bigger', 0, 1.4],
  ['a smaller cup', 1, 0.65],
  ['shrink the cup', 1, 0.65],
  ['enlarge it', 0, 1.4],
  ['make the cup huge', 1, 1.8],
])('resizes what "%s" names', (text, index, scale) => {
  expect(edit(cafe, text).nouns[index]?.edited?.scale).toBe(scale);
});

it.each(['hello there', '', '?!', 'keep the panda', "don't change the cup", 'do not remove the panda', 'the panda'])(
  'changes nothing for "%s"',
  (text) => {
    expect(edit(cafe, text)).toEqual(edit(cafe));
  },
);

it.each(['keep everything but make it night', 'make it night without changing the panda'])(
  'changes only what "%s" does not keep',
  (text) => {
    expect(edit(cafe, text)).toEqual({ ...edit(cafe), time: 'night' });
  },
);

it('applies ten turns in their order, each to the result of the previous ones', () => {
  const turns = [
    'give it a hat',
    'make it red',
    'make the cat black',
    'add a dog',
    'make it bigger',
    'remove the hat',
    'put them on the beach',
    'at night',
    'change the dog into a fox',
    'as pixel art',
  ];
  expect(seen('a cat', ...turns)).toEqual(['black cat', 'fox']);
  expect(seen('a cat', ...turns.slice(0, 2))).toEqual(['cat', 'red top-hat']);
  expect(edit('a cat', ...turns)).toMatchObject({ background: 'beach', time: 'night', styles: ['pixelated'] });
});

it('undoes the last edit', () => {
  expect(edit(cafe, 'make it night', 'remove the cup', 'undo that')).toEqual(edit(cafe, 'make it night'));
});

it('replaces one style by another', () => {
  expect(edit(cafe, 'as pixel art', 'in watercolor style').styles).toEqual(['painted']);
});

it('colours the whole picture when nothing is in it', () => {
  expect(edit('', 'make it red')).toMatchObject({ nouns: [], wash: '#e5352f' });
});
