import type { BackgroundKind, Season, Style, TimeOfDay, Weather } from '../scene.ts';

/** Words that describe the setting instead of naming a thing. A word may set several things at once. */
export interface Setting {
  readonly background?: BackgroundKind;
  readonly time?: TimeOfDay;
  readonly weather?: Weather;
  readonly season?: Season;
  readonly style?: Style;
  readonly isPortrait?: true;
}

const table: readonly (readonly [Setting, string])[] = [
  [{ background: 'beach' }, 'beach, shore, seaside, coast, seashore, island, tropical island, sand, lagoon, maldives'],
  [
    { background: 'city' },
    `city, street, downtown, skyline, cityscape, urban, alley, avenue, road, highway, metropolis, tokyo, new york,
    paris, london, shibuya, manhattan, rooftop, sidewalk, crosswalk, traffic, plaza, town square, futuristic city`,
  ],
  [
    { background: 'desert' },
    'desert, dune, sahara, canyon, oasis, savanna, savannah, mars, egypt, wild west, badlands',
  ],
  [
    { background: 'forest' },
    'forest, wood, woods, woodland, jungle, rainforest, grove, enchanted forest, bamboo forest, bamboo',
  ],
  [
    { background: 'meadow' },
    `meadow, field, grass, park, garden, farm, countryside, hill, hillside, lawn, prairie, pasture, valley, orchard,
    vineyard, picnic, wheat field, flower field, wildflower, backyard, rice field, village green, poppy field, tulip field`,
  ],
  [
    { background: 'moonscape' },
    'on the moon, moon surface, surface of the moon, lunar, lunar surface, on the surface of the moon, crater',
  ],
  [
    { background: 'mountains' },
    'mountain, alps, peak, summit, cliff, himalaya, mount fuji, mount everest, lake, river, fjord, glacier, waterfall',
  ],
  [
    { background: 'room' },
    `cafe, coffee shop, coffeehouse, kitchen, restaurant, bar, pub, library, bedroom, living room, office, classroom, room,
    interior, indoors, bakery, diner, bistro, workshop, laboratory, lab, table, desk, tavern, study, windowsill, counter,
    bookshop, bookstore, hotel lobby, nook, reading nook, den, lounge, cosy, cozy, fireside, museum hall, attic, teahouse, tea house, tea room, on a table, kitchen counter`,
  ],
  [
    { background: 'sea' },
    'sea, ocean, at sea, open sea, harbor, harbour, bay, sailing, pacific, atlantic, marina, storm at sea',
  ],
  [{ background: 'sky' }, 'sky, clouds, above the clouds, in the sky, in the clouds, cloudscape, heaven, flying high'],
  [
    { background: 'snow', season: 'winter' },
    'snow, snowy, arctic, antarctica, antarctic, ice, iceberg, ski slope, winter wonderland, tundra, north pole',
  ],
  [{ season: 'winter' }, 'winter, wintry, christmas, xmas'],
  [{ weather: 'snow', season: 'winter' }, 'snowfall, snowing, blizzard, snowstorm'],
  [
    { background: 'space' },
    'space, outer space, galaxy, cosmos, cosmic, nebula, universe, milky way, orbit, solar system, deep space, starfield, interstellar',
  ],
  [{ background: 'studio' }, 'studio, plain background, white background, product shot, studio lighting, backdrop'],
  [
    { background: 'underwater' },
    'underwater, under water, under the sea, coral reef, reef, deep sea, seabed, ocean floor, under the ocean, aquarium, bottom of the sea',
  ],
  [{ background: 'abstract' }, 'abstract, fractal, geometric, pattern, wallpaper'],
  [
    { time: 'night' },
    'night, midnight, starry night, nighttime, moonlit, under the stars, starry, moonlight, at night, aurora, northern lights, nocturnal, after dark',
  ],
  [{ time: 'sunset' }, 'sunset, dusk, golden hour, evening, twilight, sundown, at dusk'],
  [{ time: 'dawn' }, 'dawn, sunrise, early morning, morning, daybreak, misty morning'],
  [{ time: 'day' }, 'day, daylight, noon, sunny, midday, afternoon, broad daylight, blue sky, sunny day'],
  [{ weather: 'rain' }, 'rain, rainy, raining, drizzle, storm, stormy, thunderstorm, downpour, rainfall'],
  [{ weather: 'fog' }, 'fog, foggy, mist, misty, haze, hazy'],
  [{ season: 'autumn' }, 'autumn, fall leaves, autumnal, october, fall colors, fall foliage, november, harvest'],
  [{ season: 'spring' }, 'spring, springtime, april, in bloom, blooming'],
  [{ season: 'spring', background: 'meadow' }, 'cherry blossoms, cherry trees, cherry tree, sakura trees'],
  [{ season: 'summer' }, 'summer, summertime'],
  [{ style: 'neon', time: 'neon', background: 'city' }, 'cyberpunk, blade runner, synthwave city'],
  [
    { style: 'neon', time: 'neon' },
    'neon, neon light, neon lights, synthwave, vaporwave, outrun, neon sign, neon signs, neon glow',
  ],
  [
    { style: 'painted' },
    `watercolor, watercolour, watercolor painting, painting of, oil painting, gouache, impressionist, impressionism,
    acrylic, brush strokes, painterly, monet, van gogh, in the style of van gogh, aquarelle`,
  ],
  [{ style: 'pastel' }, 'pastel, pastel colors, pastel colours, soft colors, kawaii, dreamy'],
  [
    { style: 'vintage' },
    'vintage, sepia, retro, old photo, polaroid, old photograph, film grain, antique, nostalgic, daguerreotype, 1950s, victorian',
  ],
  [{ style: 'monochrome' }, 'black and white, monochrome, grayscale, greyscale, noir, film noir, b w'],
  [{ style: 'minimalist' }, 'minimalist, minimalistic, minimalism, minimal, simple, flat design, flat illustration'],
  [{ style: 'pixelated' }, 'pixel art, pixelated, 8 bit, 8bit, 16 bit, pixel, retro game'],
  [
    { style: 'realistic' },
    `hyperrealistic, hyper realistic, photorealistic, photo realistic, realistic, cinematic, ultra realistic, photograph of,
    photo of, 3d render, octane render, 8k, hyperreal, unreal engine, dslr photo, photo`,
  ],
  [
    { style: 'sketched' },
    'sketch, pencil, pencil drawing, pencil sketch, line art, charcoal, ink drawing, line drawing, engraving',
  ],
  [
    { isPortrait: true },
    'portrait, close up, closeup, close up of, headshot, head shot, selfie, bust of, profile picture, avatar',
  ],
];

export const settings: ReadonlyMap<string, Setting> = new Map(
  table.flatMap(([setting, phrases]) =>
    phrases.split(',').map((phrase) => [phrase.trim().replace(/\s+/g, ' '), setting] as const),
  ),
);
