import { loadIcons } from '../icons.ts';
import type { BackgroundKind } from '../scene.ts';

export type Place = 'ground' | 'sky' | 'water' | 'under' | 'table';

/** The real-world properties of a thing that a composition uses. */
export interface Traits {
  readonly place: Place;
  /** Its size relative to a grown person's head and body, which is 1. */
  readonly size: number;
  /** Its usual place, when the prompt does not say. */
  readonly home?: BackgroundKind;
  readonly isCreature: boolean;
}

type Row = readonly [place: Place, size: number, home: BackgroundKind | undefined, names: string];

const rows: readonly Row[] = [
  [
    'sky',
    0.36,
    undefined,
    'sun full-moon crescent-moon waxing-crescent-moon sun-with-face full-moon-face first-quarter-moon',
  ],
  [
    'sky',
    0.2,
    undefined,
    'star glowing-star sparkles snowflake high-voltage musical-note musical-notes dizzy firecracker',
  ],
  ['sky', 0.42, 'sky', 'cloud airplane small-airplane helicopter parachute hot-air-balloon fireworks sun-behind-cloud'],
  ['sky', 0.3, 'sky', 'eagle dove kite balloon sun-behind-small-cloud cloud-with-rain'],
  ['sky', 0.2, 'meadow', 'honeybee butterfly bat fly mosquito bird lady-beetle red-paper-lantern'],
  ['ground', 0.24, 'meadow', 'soccer-ball basketball baseball tennis volleyball'],
  ['sky', 0.9, 'meadow', 'rainbow'],
  ['ground', 0.5, undefined, 'saxophone guitar violin trumpet drum long-drum banjo accordion umbrella telescope'],
  [
    'sky',
    0.44,
    'space',
    'rocket flying-saucer ringed-planet satellite comet globe-showing-europe-africa globe-showing-americas globe-showing-asia-australia',
  ],
  ['ground', 0.9, 'space', 'astronaut woman-astronaut man-astronaut alien alien-monster'],
  [
    'water',
    0.95,
    'sea',
    'sailboat passenger-ship ship ferry motor-boat speedboat canoe person-rowing-boat woman-rowing-boat man-rowing-boat person-surfing woman-surfing man-surfing spouting-whale whale',
  ],
  ['water', 0.42, 'sea', 'duck swan ring-buoy person-swimming woman-swimming man-swimming seal otter'],
  [
    'under',
    0.5,
    'underwater',
    'octopus squid jellyfish dolphin shark turtle woman-merpeople man-merpeople person-merpeople diving-mask',
  ],
  ['under', 0.32, 'underwater', 'fish tropical-fish blowfish coral lobster shrimp'],
  ['ground', 0.3, 'beach', 'crab spiral-shell bucket umbrella-on-ground thong-sandal'],
  ['ground', 1.4, 'beach', 'palm-tree lighthouse'],
  [
    'ground',
    1.5,
    'meadow',
    'house house-with-garden houses windmill church hut tent deciduous-tree castle circus-tent ferris-wheel roller-coaster carousel-horse fountain',
  ],
  ['ground', 1.5, 'forest', 'evergreen-tree'],
  ['ground', 1.5, 'mountains', 'japanese-castle shinto-shrine volcano'],
  [
    'ground',
    1.5,
    'city',
    'office-building hotel hospital school bank post-office department-store convenience-store statue-of-liberty tokyo-tower classical-building factory stadium street-lamp mosque synagogue hindu-temple',
  ],
  [
    'ground',
    1.15,
    'city',
    'automobile taxi bus police-car fire-engine ambulance racing-car pickup-truck delivery-truck articulated-lorry tram-car trolleybus minibus sport-utility-vehicle motorcycle motor-scooter auto-rickshaw oncoming-taxi oncoming-automobile train bullet-train high-speed-train light-rail',
  ],
  ['ground', 1.2, 'meadow', 'locomotive tractor railway-car'],
  ['ground', 0.95, 'city', 'bicycle kick-scooter person-biking woman-biking man-biking'],
  ['ground', 1.4, 'meadow', 'elephant giraffe sauropod t-rex dragon mammoth'],
  [
    'ground',
    1.1,
    'meadow',
    'horse cow ox water-buffalo bison donkey goat ewe ram llama unicorn moose cow-face horse-face rhinoceros hippopotamus zebra leopard lion tiger kangaroo gorilla',
  ],
  ['ground', 1.2, 'desert', 'camel two-hump-camel pyramid'],
  ['ground', 0.7, 'desert', 'cactus lizard scorpion snake'],
  ['ground', 1, 'forest', 'deer bear panda koala orangutan monkey wolf fox owl raccoon boar'],
  ['ground', 0.5, 'forest', 'badger beaver skunk hedgehog chipmunk mushroom brown-mushroom frog sloth'],
  [
    'ground',
    0.85,
    'snow',
    'penguin polar-bear snowman snowman-without-snow sled skier snowboarder igloo person-snowboarding',
  ],
  [
    'ground',
    0.6,
    'meadow',
    'dog cat black-cat poodle pig rabbit rooster turkey peacock flamingo goose chicken parrot dodo duck',
  ],
  [
    'ground',
    0.4,
    'meadow',
    'baby-chick front-facing-baby-chick hatching-chick mouse rat hamster snail turtle bug ant beetle worm caterpillar',
  ],
  [
    'ground',
    0.42,
    'meadow',
    'tulip sunflower rose blossom cherry-blossom hibiscus hyacinth lotus four-leaf-clover seedling herb maple-leaf fallen-leaf wilted-flower basket campfire',
  ],
  ['ground', 1.15, 'room', 'couch-and-lamp bed bathtub chair piano bookshelf door toilet'],
  ['ground', 0.9, 'snow', 'christmas-tree'],
  [
    'table',
    0.42,
    undefined,
    'potted-plant teapot birthday-cake bouquet laptop desktop-computer television pizza latte hot-beverage steaming-bowl books open-book',
  ],
];

const traitsByName: ReadonlyMap<string, Row> = new Map(
  rows.flatMap((row) => row[3].split(' ').map((name) => [name, row] as const)),
);

const defaults: Readonly<Record<string, Traits>> = {
  'Animals & Nature': { place: 'ground', size: 0.8, home: 'meadow', isCreature: true },
  'People & Body': { place: 'ground', size: 1, isCreature: true },
  'Smileys & Emotion': { place: 'ground', size: 0.9, isCreature: true },
  'Food & Drink': { place: 'table', size: 0.38, isCreature: false },
  'Travel & Places': { place: 'ground', size: 1.1, isCreature: false },
  Activities: { place: 'table', size: 0.4, isCreature: false },
};
const anything: Traits = { place: 'table', size: 0.42, isCreature: false };

export function toTraits(name: string): Traits {
  const category = loadIcons().category(name) ?? '';
  const row = traitsByName.get(name);
  if (row === undefined) return defaults[category] ?? anything;
  const [place, size, home] = row;
  const isCreature =
    category === 'People & Body' || (category === 'Animals & Nature' && !isPlant.test(name)) || creatures.has(name);
  return { place, size, isCreature, ...(home !== undefined && { home }) };
}

const isPlant =
  /tree|flower|rose|tulip|blossom|hibiscus|hyacinth|lotus|clover|seedling|herb|leaf|cactus|mushroom|plant|bouquet|shell|coral|feather|nest|rock|fire|wood/;
const creatures = new Set(['alien', 'alien-monster', 'robot', 'ghost', 'snowman', 'snowman-without-snow']);

export const accessories: ReadonlySet<string> = new Set([
  'billed-cap',
  'crown',
  'glasses',
  'goggles',
  'graduation-cap',
  'headphone',
  'military-helmet',
  'ribbon',
  'sunglasses',
  'top-hat',
  'womans-hat',
]);

const wholeBodied =
  /standing|running|walking|dancing|biking|kneeling|juggling|golfing|climbing|cartwheeling|lotus|lifting|wrestling|fairy|surfing|swimming|rowing|merpeople|wheelchair|fencing|bouncing|playing|levitating|bunny|bed|bath|skier|snowboarder|horse-racing/;
const cutAnimals = new Set([
  'unicorn',
  'moose',
  'boar',
  'chicken',
  'horse-face',
  'dragon-face',
  'gorilla',
  'orangutan',
]);

/** Whether the icon shows only the upper part of a body, cut off at the lower edge. */
export function isCutOff(name: string): boolean {
  if (cutAnimals.has(name)) return true;
  return loadIcons().category(name) === 'People & Body' && !wholeBodied.test(name);
}
