import { type Colour, darken, lighten, mix } from '../colour.ts';
import { circle, ellipse, glowing, group, line, linear, n, path, rect, type Svg } from '../drawing/paint.ts';
import { fewOnWall } from '../references/hang.ts';
import type { Backdrop, Easel } from './backdrop.ts';
import { drawSky } from './sky.ts';

const wallColours: readonly [Colour, ...Colour[]] = ['#e8b98c', '#8fb3a3', '#d99a86', '#a7a0c9'];

/** A warm room: a wall with a window and a shelf, hanging lamps, a wooden floor. */
export function drawRoom(easel: Easel): Backdrop {
  const { width, height, horizon, scene, isPlain } = easel;
  const references = scene.references.length;
  const wall = easel.dice('wall').pick(wallColours);
  const light = (colour: Colour) => toLamplight(easel, colour);
  const paper = rect(
    0,
    0,
    width,
    horizon + 2,
    linear([
      [0, light(darken(wall, 0.12))],
      [0.7, light(wall)],
      [1, light(lighten(wall, 0.1))],
    ]),
  );
  const panel = rect(0, horizon * 0.8, width, horizon * 0.2, light(darken(mix(wall, '#8a5a3c', 0.55), 0.1)));
  const rail = rect(0, horizon * 0.79, width, horizon * 0.018, light(lighten(mix(wall, '#8a5a3c', 0.4), 0.2)));
  const floor = rect(
    0,
    horizon,
    width,
    height - horizon,
    linear([
      [0, light('#8d5f42')],
      [1, light('#a87350')],
    ]),
  );
  const isTabled = scene.table !== undefined;
  const rug = isTabled
    ? ''
    : ellipse(
        width / 2,
        horizon + easel.ground * 0.66,
        width * 0.4,
        easel.ground * 0.26,
        light(scene.palette.accents[0]),
        { opacity: 0.85 },
      ) +
      ellipse(
        width / 2,
        horizon + easel.ground * 0.66,
        width * 0.33,
        easel.ground * 0.2,
        light(scene.palette.accents[3]),
        { opacity: 0.6 },
      );
  return {
    back:
      paper +
      drawBoards(easel) +
      panel +
      rail +
      (references > fewOnWall ? '' : drawWindow(easel)) +
      (isPlain || references > 0 ? '' : drawShelf(easel)) +
      floor +
      rug +
      drawLamps(easel) +
      (isPlain ? '' : drawFairyLights(easel)),
    front: '',
  };
}

/** Indoors, lamps are brighter than the night. */
function toLamplight(easel: Easel, colour: Colour): Colour {
  const { time } = easel.scene;
  return time === 'neon' ? easel.lit(colour) : mix(colour, easel.lit(colour), time === 'day' ? 0.35 : 0.6);
}

function drawBoards(easel: Easel): Svg {
  const { width, horizon } = easel;
  const boards = Array.from({ length: 14 }, (_, index) =>
    line(`M${n((index * width) / 13)} ${n(horizon * 0.81)}V${n(horizon)}`, '#4a2c1c', 2, 0.3),
  );
  return boards.join('');
}

function drawWindow(easel: Easel): Svg {
  const { width, horizon, scene } = easel;
  const [wide, tall] = [Math.min(width * 0.3, horizon * 0.5), horizon * 0.44];
  const [x, y] = [width * 0.07, horizon * 0.2];
  const outside = group(
    drawSky({ ...easel, isPlain: true, width: wide, horizon: tall }, tall),
    `transform="translate(${n(x)} ${n(y)})" clip-path="url(#pane)"`,
  );
  const clip = `<clipPath id="pane"><rect width="${n(wide)}" height="${n(tall)}"/></clipPath>`;
  const hills = path(
    `M${n(x)} ${n(y + tall)}v${n(-tall * 0.24)}q${n(wide * 0.3)} ${n(-tall * 0.16)} ${n(wide * 0.55)} 0t${n(wide * 0.45)} ${n(-tall * 0.04)}v${n(tall * 0.28)}z`,
    easel.lit(scene.season === 'winter' ? '#eef3fa' : '#79b46a', 0.35),
  );
  const fallen = scene.weather === 'rain' ? drawDrops : scene.weather === 'snow' ? drawFlakes : undefined;
  const fall = fallen?.(easel, x, y, wide, tall) ?? '';
  const frame = toLamplight(easel, '#fdf3e3');
  const bars = `<path d="M${n(x)} ${n(y)}h${n(wide)}v${n(tall)}h${n(-wide)}zM${n(x + wide / 2)} ${n(y)}v${n(tall)}M${n(x)} ${n(y + tall * 0.42)}h${n(wide)}" fill="none" stroke="${frame}" stroke-width="${n(width * 0.011)}"/>`;
  const sill = rect(x - wide * 0.06, y + tall, wide * 1.12, horizon * 0.026, frame, 4);
  const shine = easel.isDark
    ? ''
    : path(
        `M${n(x)} ${n(y + tall)}L${n(x + wide)} ${n(y + tall)}L${n(x + wide * 2.3)} ${n(easel.height)}L${n(x + wide * 0.9)} ${n(easel.height)}Z`,
        linear([
          [0, scene.palette.glow, 0.22],
          [1, scene.palette.glow, 0],
        ]),
      );
  return clip + outside + hills + fall + bars + sill + shine;
}

function drawDrops(easel: Easel, x: number, y: number, wide: number, tall: number): Svg {
  const dice = easel.dice('drops');
  return Array.from({ length: 30 }, () =>
    line(
      `M${n(x + dice.roll() * wide)} ${n(y + dice.between(0, 0.9) * tall)}v${n(tall * dice.between(0.02, 0.08))}`,
      '#ffffff',
      2,
      0.5,
    ),
  ).join('');
}

function drawFlakes(easel: Easel, x: number, y: number, wide: number, tall: number): Svg {
  const dice = easel.dice('flakes');
  return Array.from({ length: 44 }, () =>
    circle(x + dice.roll() * wide, y + dice.between(0.02, 0.98) * tall, tall * dice.between(0.006, 0.018), '#ffffff', {
      opacity: 0.9,
    }),
  ).join('');
}

/** Two boards with jars, books and plants. */
function drawShelf(easel: Easel): Svg {
  const { width, horizon } = easel;
  const [left, wide] = [width * 0.66, width * 0.29];
  const dice = easel.dice('shelf');
  const boards = [0.36, 0.56].map((level) => {
    const y = horizon * level;
    const goods: Svg[] = [];
    for (let x = left + 10; x < left + wide - 26; ) {
      const step = drawGood(
        easel,
        x,
        y,
        dice.pick(goodsKinds),
        dice.pick(goodsColours),
        horizon * dice.between(0.07, 0.11),
      );
      goods.push(step.svg);
      x += step.wide + dice.between(3, 14);
    }
    const board =
      rect(left, y, wide, horizon * 0.018, toLamplight(easel, '#8a5638'), 3) +
      rect(left, y + horizon * 0.018, wide, horizon * 0.012, '#3a2015', 3).replace('/>', ' opacity="0.18"/>');
    return goods.join('') + board;
  });
  return boards.join('');
}

const goodsKinds: readonly ['books', ...('books' | 'jar' | 'plant')[]] = ['books', 'jar', 'plant', 'jar'];
const goodsColours: readonly [Colour, ...Colour[]] = ['#c8553d', '#f2c14e', '#588b8b', '#6d597a', '#e5e0d5', '#355070'];

function drawGood(
  easel: Easel,
  x: number,
  foot: number,
  kind: (typeof goodsKinds)[number],
  colour: Colour,
  tall: number,
): { svg: Svg; wide: number } {
  const tone = toLamplight(easel, colour);
  if (kind === 'books') {
    const spines = [0, 1, 2].map((index) =>
      rect(
        x + index * tall * 0.22,
        foot - tall * (1 - index * 0.09),
        tall * 0.2,
        tall * (1 - index * 0.09),
        index === 1 ? lighten(tone, 0.35) : darken(tone, index * 0.12),
        2,
      ),
    );
    return { svg: spines.join(''), wide: tall * 0.66 };
  }
  if (kind === 'jar') {
    const jar =
      rect(x, foot - tall * 0.8, tall * 0.56, tall * 0.8, tone, tall * 0.12) +
      rect(x + tall * 0.06, foot - tall * 0.94, tall * 0.44, tall * 0.16, darken(tone, 0.25), 3) +
      rect(x + tall * 0.09, foot - tall * 0.7, tall * 0.09, tall * 0.5, '#ffffff', 4).replace(
        '/>',
        ' opacity="0.35"/>',
      );
    return { svg: jar, wide: tall * 0.56 };
  }
  const leaf = toLamplight(easel, '#4f9d5d');
  const leaves = [-0.34, 0, 0.34].map((lean) =>
    ellipse(
      x + tall * (0.3 + lean * 0.6),
      foot - tall * 0.72,
      tall * 0.13,
      tall * 0.32,
      lean === 0 ? leaf : darken(leaf, 0.15),
    ),
  );
  const pot = path(
    `M${n(x + tall * 0.05)} ${n(foot - tall * 0.42)}h${n(tall * 0.5)}l${n(-tall * 0.07)} ${n(tall * 0.42)}h${n(-tall * 0.36)}z`,
    toLamplight(easel, '#e2d3bd'),
  );
  return { svg: leaves.join('') + pot, wide: tall * 0.6 };
}

/** A string of small bulbs from wall to wall. */
function drawFairyLights(easel: Easel): Svg {
  const { width, horizon } = easel;
  const top = horizon * 0.045;
  const sag = horizon * 0.055;
  const swags = [0, 1, 2].map((swag) => {
    const [left, wide] = [(swag * width) / 3, width / 3];
    const cord = line(`M${n(left)} ${n(top)}q${n(wide / 2)} ${n(sag * 2)} ${n(wide)} 0`, '#4a3a34', 1.6, 0.8);
    const bulbs = [0.1, 0.26, 0.42, 0.58, 0.74, 0.9].map((along) => {
      const [x, y] = [left + wide * along, top + 4 * sag * along * (1 - along) + 5];
      return circle(x, y, width * 0.03, glowing('#ffd88a', 0.8)) + ellipse(x, y, 3.6, 4.8, '#fff4d2');
    });
    return cord + bulbs.join('');
  });
  return swags.join('');
}

function drawLamps(easel: Easel): Svg {
  const { width, horizon } = easel;
  const lamps = [0.27, 0.5, 0.73].map((place, index) => {
    const [x, y, size] = [width * place, horizon * (index === 1 ? 0.09 : 0.13), width * 0.045];
    const glow = circle(x, y + size * 0.6, width * 0.23, glowing('#ffdf9a', easel.isDark ? 0.75 : 0.5));
    const shade = path(
      `M${n(x - size)} ${n(y)}Q${n(x - size * 0.8)} ${n(y - size)} ${n(x)} ${n(y - size)}T${n(x + size)} ${n(y)}Z`,
      '#3b3f4f',
    );
    return (
      line(`M${n(x)} 0V${n(y - size)}`, '#3b3f4f', 3) + shade + ellipse(x, y, size * 0.5, size * 0.22, '#fff3cf') + glow
    );
  });
  return lamps.join('');
}
