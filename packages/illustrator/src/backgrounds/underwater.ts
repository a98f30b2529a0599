import type { Colour } from '../colour.ts';
import { circle, line, linear, n, radial, rect, type Svg } from '../drawing/paint.ts';
import type { Backdrop, Easel } from './backdrop.ts';
import { createHills, fillUnder } from './land.ts';
import { drawRays } from './sky.ts';

export function drawUnderwater(easel: Easel): Backdrop {
  const { width, height, horizon, ground, isPlain, isDark } = easel;
  const water = rect(
    0,
    0,
    width,
    height,
    linear(
      isDark
        ? [
            [0, '#123a78'],
            [0.5, '#0a2258'],
            [1, '#060f33'],
          ]
        : [
            [0, '#7fe6ee'],
            [0.3, '#2fb4dc'],
            [0.7, '#1672b8'],
            [1, '#0d3f86'],
          ],
    ),
  );
  const reef = [0, 1].map((index) => {
    const floor = createHills(easel.dice(`reef ${index}`), width, horizon - ground * (0.5 - index * 0.4), ground * 0.4);
    return fillUnder({ ...easel, lit: (colour) => colour }, floor, index === 0 ? '#1a5a9c' : '#174a86', 0);
  });
  const sand = createHills(easel.dice('sand'), width, horizon + ground * 0.36, ground * 0.14);
  const floor = fillUnder({ ...easel, lit: (colour) => colour }, sand, isDark ? '#4d6a9a' : '#cfc597', 0);
  const life = isPlain ? '' : drawWeeds(easel) + drawCorals(easel);
  return {
    back: water + drawRays(easel, isDark ? 0.12 : 0.34) + reef.join('') + life + floor,
    front: isPlain ? '' : drawBubbles(easel),
  };
}

function drawWeeds(easel: Easel): Svg {
  const dice = easel.dice('weeds');
  const weeds = Array.from({ length: 16 }, () => {
    const x = (dice.roll() < 0.5 ? dice.between(0, 0.3) : dice.between(0.7, 1)) * easel.width;
    const [foot, tall] = [easel.height * 0.97, easel.height * dice.between(0.12, 0.34)];
    const sway = dice.between(10, 26);
    const stem = `M${n(x)} ${n(foot)}q${n(sway)} ${n(-tall * 0.25)} 0 ${n(-tall * 0.5)}t${n(sway * 0.4)} ${n(-tall * 0.5)}`;
    return line(stem, dice.pick<Colour>(['#1f8f74', '#2fae7a', '#166e78', '#3cc08a']), dice.between(7, 15), 0.9);
  });
  return weeds.join('');
}

function drawCorals(easel: Easel): Svg {
  const dice = easel.dice('corals');
  const corals = Array.from({ length: 9 }, () => {
    const x = dice.roll() * easel.width;
    const foot = easel.height * 0.94;
    const size = easel.width * dice.between(0.05, 0.1);
    const colour = dice.pick<Colour>(['#ff6f91', '#ff9671', '#ffc75f', '#c77dff', '#ff5d8f']);
    const branches = [-0.7, -0.3, 0.1, 0.5].map((lean) =>
      line(
        `M${n(x)} ${n(foot)}q${n(lean * size * 0.3)} ${n(-size * 0.7)} ${n(lean * size)} ${n(-size * dice.between(0.9, 1.5))}`,
        colour,
        size * 0.2,
      ),
    );
    return branches.join('');
  });
  return corals.join('');
}

function drawBubbles(easel: Easel): Svg {
  const dice = easel.dice('bubbles');
  const bubbles = Array.from({ length: 34 }, () => {
    const [x, y, radius] = [dice.roll() * easel.width, dice.roll() * easel.height, 2 + dice.roll() ** 3 * 17];
    const skin = circle(
      x,
      y,
      radius,
      radial([
        [0, '#ffffff', 0.02],
        [0.75, '#ffffff', 0.12],
        [1, '#ffffff', 0.55],
      ]),
    );
    return skin + circle(x - radius * 0.35, y - radius * 0.35, radius * 0.2, '#ffffff', { opacity: 0.8 });
  });
  return bubbles.join('');
}
