import { automaticRatio, type Pixels } from '@darkroom/protocol';

export type Shapes = Readonly<Record<string, Readonly<Record<string, Pixels>>>>;

type Side = readonly [width: number, height: number];

/**
 * Pixels of the models that take any: sides are multiples of 16 and at most 3,840, ratios are 1:3 to 3:1, areas 655,360 to
 * 8,294,400. Upright ratios are these, turned. Source: `size` in the types of the package openai, 7.57, and OpenAI's guide to image
 * generation; above 2560x1440 OpenAI calls them experimental.
 */
const lying: Readonly<Record<string, Readonly<Record<string, Side>>>> = {
  '1K': {
    '1:1': [1024, 1024],
    '3:2': [1536, 1024],
    '4:3': [1344, 1008],
    '5:4': [1280, 1024],
    '16:9': [1536, 864],
    '21:9': [1680, 720],
    '2:1': [1536, 768],
    '3:1': [1536, 512],
  },
  '2K': {
    '1:1': [2048, 2048],
    '3:2': [2304, 1536],
    '4:3': [2176, 1632],
    '5:4': [2080, 1664],
    '16:9': [2560, 1440],
    '21:9': [2800, 1200],
    '2:1': [2688, 1344],
    '3:1': [3264, 1088],
  },
  '4K': {
    '1:1': [2880, 2880],
    '3:2': [3504, 2336],
    '4:3': [3264, 2448],
    '5:4': [3200, 2560],
    '16:9': [3840, 2160],
    '21:9': [3808, 1632],
    '2:1': [3840, 1920],
    '3:1': [3840, 1280],
  },
};

export const freeShapes: Shapes = Object.fromEntries(
  Object.entries(lying).map(([size, sides]) => [size, toBothWays(sides)]),
);

/** Of the models that have only OpenAI's three standard sizes. */
export const standardShapes: Shapes = { '1K': toBothWays({ '1:1': [1024, 1024], '3:2': [1536, 1024] }) };

/** The first is the default. With `auto` the model decides, also on the size. */
export function toRatios(shapes: Shapes): readonly string[] {
  return [...Object.keys(shapes['1K'] ?? {}), automaticRatio];
}

function toBothWays(sides: Readonly<Record<string, Side>>): Readonly<Record<string, Pixels>> {
  const pairs = Object.entries(sides).flatMap(([ratio, [width, height]]) => [
    [ratio, { width, height }] as const,
    [ratio.split(':').toReversed().join(':'), { width: height, height: width }] as const,
  ]);
  return Object.fromEntries(pairs);
}
