import type { Colour } from '../colour.ts';

/** What a head needs to become a whole creature: the icon set draws many animals and people only as a head. */
export interface Coat {
  readonly body: Colour;
  readonly limbs: Colour;
  readonly belly: Colour;
  readonly isPerson: boolean;
}

const animalRows: Readonly<Record<string, readonly [body: Colour, limbs: Colour, belly: Colour]>> = {
  alien: ['#9fc7b4', '#8ab8a4', '#b9dccb'],
  bear: ['#a56953', '#8b543f', '#d3a583'],
  boar: ['#6d4534', '#563426', '#8b5f4b'],
  'cat-face': ['#ffb02e', '#ff9a1f', '#ffe3a8'],
  chicken: ['#f4f4f4', '#ffb02e', '#ffffff'],
  'clown-face': ['#3f8cff', '#ff5f8f', '#ffe066'],
  'cow-face': ['#f0f0f0', '#636363', '#ffc7c7'],
  'dog-face': ['#f3ad61', '#8c5543', '#ffe4b8'],
  'dragon-face': ['#00d26a', '#00a857', '#d3f78b'],
  fox: ['#ff822d', '#6d4534', '#fff1df'],
  frog: ['#00d26a', '#00b85c', '#fcd53f'],
  hamster: ['#f3ad61', '#f19a45', '#fff1df'],
  'horse-face': ['#a56953', '#8b543f', '#c58f76'],
  koala: ['#9b9b9b', '#838383', '#d3d3d3'],
  lion: ['#fcb33a', '#e89a25', '#ffe2a0'],
  'monkey-face': ['#6d4534', '#593628', '#e9a98a'],
  'mouse-face': ['#cdc4d6', '#b9aec6', '#efe9f4'],
  panda: ['#f4f4f4', '#433b6b', '#ffffff'],
  'pig-face': ['#ff8687', '#f56f72', '#ffb3b1'],
  'polar-bear': ['#f4f4f4', '#dcdcdc', '#ffffff'],
  'rabbit-face': ['#cdc4d6', '#bdb2cb', '#efe9f4'],
  raccoon: ['#9b9b9b', '#636363', '#d3d3d3'],
  robot: ['#b4acbc', '#8d65c5', '#636363'],
  skull: ['#e6e6e6', '#d3d3d3', '#433b6b'],
  'tiger-face': ['#ff822d', '#f4701a', '#fff1df'],
  wolf: ['#9b9b9b', '#7a7a7a', '#e6e6e6'],
};

/** A whole animal's head, for when it must sit at a table, wear a hat or look at the viewer. */
const headOf: Readonly<Record<string, string>> = {
  'black-cat': 'cat-face',
  cat: 'cat-face',
  cow: 'cow-face',
  dog: 'dog-face',
  horse: 'horse-face',
  monkey: 'monkey-face',
  mouse: 'mouse-face',
  pig: 'pig-face',
  rabbit: 'rabbit-face',
  tiger: 'tiger-face',
};

const headedPeople =
  /^(?:(?:man|woman|person)(?:-(?:bald|beard|blonde-hair|curly-hair|red-hair|white-hair|wearing-turban))?|boy|girl|child|baby|old-man|old-woman|older-person|mrs-claus|santa-claus|cowboy-hat-face)$/;

const skin: Colour = '#ffc83d';
const clothes: readonly [Colour, ...Colour[]] = ['#3f8cff', '#ff5f7e', '#7a5cf0', '#12b39a', '#2fa86a', '#3b4cca'];

export function toHead(name: string): string {
  return headOf[name] ?? name;
}

export function toCoat(head: string): Coat | undefined {
  const animal = Object.hasOwn(animalRows, head) ? animalRows[head] : undefined;
  if (animal !== undefined) return { body: animal[0], limbs: animal[1], belly: animal[2], isPerson: false };
  if (!headedPeople.test(head)) return undefined;
  const shirt = clothes[head.length % clothes.length] ?? clothes[0];
  return {
    body: head === 'santa-claus' || head === 'mrs-claus' ? '#e5352f' : shirt,
    limbs: skin,
    belly: shirt,
    isPerson: true,
  };
}
