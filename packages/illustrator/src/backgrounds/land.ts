import { type Colour, darken, lighten } from '../colour.ts';
import type { Dice } from '../dice.ts';
import { circle, linear, n, path, rect, type Svg } from '../drawing/paint.ts';
import type { Easel } from './backdrop.ts';

export type Skyline = (x: number) => number;

/** A soft line of hills: the height at each x, around a level. */
export function createHills(dice: Dice, width: number, level: number, swing: number): Skyline {
  const waves = [1, 2.3, 4.1].map((rate) => ({
    rate: rate * dice.between(0.7, 1.2),
    phase: dice.between(0, 7),
    swing: swing / rate,
  }));
  return (x) =>
    level +
    waves.reduce((sum, { rate, phase, swing: high }) => sum + Math.sin((x / width) * Math.PI * rate + phase) * high, 0);
}

/** The area under a line, down to the lower edge. */
export function fillUnder(easel: Easel, skyline: Skyline, colour: Colour, distance: number): Svg {
  const shade = easel.lit(darken(colour, 0.14), distance * 0.75);
  return path(
    underneath(easel, skyline),
    linear([
      [0, easel.lit(lighten(colour, 0.08), distance)],
      [1, shade],
    ]),
  );
}

export function underneath(easel: Easel, skyline: Skyline): string {
  const steps = 48;
  const points = Array.from({ length: steps + 1 }, (_, index) => {
    const x = (easel.width * index) / steps;
    return `${n(x)} ${n(skyline(x))}`;
  });
  return `M${points.join('L')}V${n(easel.height)}H0Z`;
}

/** A jagged range of mountains with light and shadow sides and, if wanted, snow on top. */
export function drawRange(easel: Easel, part: string, options: RangeOptions): Svg {
  const dice = easel.dice(part);
  const { level, peak, colour, distance, hasSnow } = options;
  const count = Math.max(2, Math.round((easel.width / peak) * 0.62));
  const peaks = Array.from({ length: count + 1 }, (_, index) => ({
    x: ((index + dice.between(-0.32, 0.32)) * easel.width) / count,
    top: level - peak * dice.between(0.55, 1),
    half: (easel.width / count) * dice.between(0.75, 1.05),
  }));
  const [light, dark] = [easel.lit(lighten(colour, 0.12), distance), easel.lit(darken(colour, 0.22), distance)];
  const drawn = peaks
    .toSorted((one, other) => one.top - other.top)
    .map(({ x, top, half }) => {
      const ridge = x + half * dice.between(-0.08, 0.12);
      const body = path(`M${n(x - half)} ${n(level)}L${n(x)} ${n(top)}L${n(x + half)} ${n(level)}Z`, light);
      const side = path(
        `M${n(x)} ${n(top)}L${n(ridge + half * 0.1)} ${n(top + (level - top) * 0.4)}L${n(ridge - half * 0.06)} ${n(top + (level - top) * 0.7)}L${n(ridge + half * 0.12)} ${n(level)}H${n(x + half)}Z`,
        dark,
      );
      return body + side + (hasSnow ? drawCap(easel, x, top, half, level, distance) : '');
    });
  return drawn.join('') + rect(0, level - 1, easel.width, easel.height - level, easel.lit(colour, distance));
}

interface RangeOptions {
  readonly level: number;
  readonly peak: number;
  readonly colour: Colour;
  readonly distance: number;
  readonly hasSnow: boolean;
}

function drawCap(easel: Easel, x: number, top: number, half: number, level: number, distance: number): Svg {
  const depth = (level - top) * 0.34;
  const reach = half * 0.34;
  const y = top + depth;
  const white = easel.lit('#ffffff', distance * 0.7);
  const shade = easel.lit('#b9c8e8', distance * 0.7);
  const cap = path(
    `M${n(x - reach)} ${n(y)}L${n(x)} ${n(top)}L${n(x + reach)} ${n(y)}L${n(x + reach * 0.5)} ${n(y - depth * 0.16)}L${n(x + reach * 0.12)} ${n(y + depth * 0.2)}L${n(x - reach * 0.3)} ${n(y - depth * 0.14)}Z`,
    white,
  );
  return (
    cap +
    path(
      `M${n(x)} ${n(top)}L${n(x + reach)} ${n(y)}L${n(x + reach * 0.5)} ${n(y - depth * 0.16)}L${n(x + reach * 0.12)} ${n(y + depth * 0.2)}Z`,
      shade,
    )
  );
}

export type Tree = 'pine' | 'round';

/** One tree, placed by its foot. */
function drawTree(
  easel: Easel,
  tree: Tree,
  x: number,
  foot: number,
  height: number,
  colour: Colour,
  distance: number,
): Svg {
  const trunk = rect(
    x - height * 0.035,
    foot - height * 0.3,
    height * 0.07,
    height * 0.3,
    easel.lit('#6b4a38', distance),
  );
  const [light, dark] = [easel.lit(lighten(colour, 0.1), distance), easel.lit(darken(colour, 0.2), distance)];
  if (tree === 'round') {
    const blobs = [
      [0, 0.72, 0.24],
      [-0.17, 0.52, 0.2],
      [0.18, 0.54, 0.19],
      [0.02, 0.5, 0.22],
    ] as const;
    const crown = (dx: number, dy: number, part: number, paint: Colour) =>
      blobs
        .map(([across, up, radius]) =>
          circle(x + (across + dx) * height, foot - (up + dy) * height, radius * part * height, paint),
        )
        .join('');
    return trunk + crown(0, 0, 1, dark) + crown(-0.035, 0.03, 0.82, light);
  }
  const tiers = [0, 1, 2].map((tier) => {
    const base = foot - height * (0.16 + tier * 0.24);
    const half = height * (0.27 - tier * 0.06);
    const tip = base - height * 0.38;
    const whole = path(`M${n(x - half)} ${n(base)}L${n(x)} ${n(tip)}L${n(x + half)} ${n(base)}Z`, light);
    return whole + path(`M${n(x)} ${n(tip)}L${n(x + half)} ${n(base)}H${n(x + half * 0.1)}Z`, dark);
  });
  return trunk + tiers.join('');
}

export interface GroveOptions {
  readonly skyline: Skyline;
  readonly trees: readonly [Tree, ...Tree[]];
  readonly colours: readonly [Colour, ...Colour[]];
  readonly count: number;
  readonly height: number;
  readonly distance: number;
}

/** Trees scattered along a skyline, the farthest first. */
export function drawGrove(easel: Easel, part: string, grove: GroveOptions): Svg {
  const dice = easel.dice(part);
  const trees = Array.from({ length: grove.count }, () => {
    const x = dice.between(-0.03, 1.03) * easel.width;
    const height = grove.height * dice.between(0.65, 1.15);
    return drawTree(
      easel,
      dice.pick(grove.trees),
      x,
      grove.skyline(x) + height * 0.06,
      height,
      dice.pick(grove.colours),
      grove.distance,
    );
  });
  return trees.join('');
}

/** Tufts of grass and flowers, larger towards the viewer. */
export function drawMeadowFlowers(easel: Easel, part: string, options: FlowerOptions): Svg {
  const dice = easel.dice(part);
  const { top, bottom, count, colours, grass } = options;
  const spots = Array.from({ length: count }, () => dice.roll() ** 0.8).toSorted((one, other) => one - other);
  const tufts = spots.map((depth) => {
    const x = dice.roll() * easel.width;
    const y = top + (bottom - top) * depth;
    const size = 3 + depth * 13;
    const blades = [-0.6, -0.15, 0.35].map((lean) =>
      path(
        `M${n(x + lean * size)} ${n(y)}q${n(lean * size * 0.4)} ${n(-size)} ${n(lean * size * 1.3)} ${n(-size * 1.7)}q${n(size * 0.1)} ${n(size)} ${n(size * 0.28)} ${n(size * 1.7)}Z`,
        easel.lit(grass, 0.12),
      ),
    );
    return (
      blades.join('') + (dice.roll() < 0.5 ? drawFlower(easel, x, y - size * 1.5, size * 0.36, dice.pick(colours)) : '')
    );
  });
  return tufts.join('');
}

interface FlowerOptions {
  readonly top: number;
  readonly bottom: number;
  readonly count: number;
  readonly colours: readonly [Colour, ...Colour[]];
  readonly grass: Colour;
}

function drawFlower(easel: Easel, x: number, y: number, size: number, colour: Colour): Svg {
  const petals = [0, 1, 2, 3, 4].map((petal) => {
    const angle = (petal * Math.PI * 2) / 5;
    return circle(x + Math.cos(angle) * size * 0.7, y + Math.sin(angle) * size * 0.7, size * 0.6, easel.lit(colour));
  });
  return petals.join('') + circle(x, y, size * 0.5, easel.lit('#ffd84d'));
}
