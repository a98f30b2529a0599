import type { Easel } from '../backgrounds/backdrop.ts';
import { circle, line, linear, n, rect, type Svg } from './paint.ts';

/** What falls or hangs in the air in front of everything. Indoors it stays outside the window. */
export function drawWeather(easel: Easel): Svg {
  const { scene } = easel;
  if (scene.background === 'room' || scene.background === 'space' || scene.background === 'underwater') return '';
  if (scene.weather === 'rain') return drawRain(easel);
  return scene.weather === 'snow' ? drawFlakes(easel) : '';
}

function drawRain(easel: Easel): Svg {
  const dice = easel.dice('rain');
  const drops = Array.from({ length: 130 }, () => {
    const long = dice.between(16, 52);
    return line(
      `M${n(dice.between(0, 1.08) * easel.width)} ${n(dice.between(-0.05, 1) * easel.height)}l${n(-long * 0.18)} ${n(long)}`,
      '#dcecff',
      dice.between(1, 2.4),
      dice.between(0.18, 0.5),
    );
  });
  return drops.join('');
}

function drawFlakes(easel: Easel): Svg {
  const dice = easel.dice('flakes');
  const flakes = Array.from({ length: 120 }, () => {
    const radius = 1.2 + dice.roll() ** 4 * 8;
    return circle(dice.roll() * easel.width, dice.roll() * easel.height, radius, '#ffffff', {
      opacity: dice.between(0.45, 0.95),
    });
  });
  return flakes.join('');
}

/** Fog is behind near subjects. */
export function drawFog(easel: Easel): Svg {
  const { width, height, horizon, scene } = easel;
  if (scene.weather !== 'fog' || scene.background === 'room') return '';
  const { haze } = scene.palette;
  const bands = [0.75, 0.95, 1.12].map((level, index) =>
    rect(
      0,
      horizon * level - height * 0.12,
      width,
      height * 0.3,
      linear([
        [0, haze, 0],
        [0.5, haze, 0.5 - index * 0.1],
        [1, haze, 0],
      ]),
    ),
  );
  return bands.join('');
}
