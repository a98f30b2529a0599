import { type Colour, darken, lighten } from '../colour.ts';
import type { Subject } from '../scene.ts';
import type { Coat } from '../subjects/heads.ts';
import { ellipse, line, linear, path, rect, type Svg } from './paint.ts';

/** A body under a head. In its units the head is a square of 32 with its upper left corner at 0, 0. */
export function drawBody(coat: Coat, pose: 'figure' | 'bust', outfit: Subject['outfit']): Svg {
  if (outfit === 'neon') return drawJacket(pose);
  return pose === 'bust' ? drawBust(coat, outfit) : drawFigure(coat);
}

function drawBust(coat: Coat, outfit: Subject['outfit']): Svg {
  const { body, limbs, belly, isPerson } = coat;
  const sleeves = isPerson ? darken(body, 0.1) : limbs;
  const torso = path(
    'M16 25c6.500 0 10.500 4 11.500 10.500l1.200 10.500H3.300l1.200-10.500C5.500 29 9.500 25 16 25',
    shaded(body),
  );
  const chest = isPerson
    ? path('M12 24.500h8l-1.200 4.500c-1.600 1.300-4 1.300-5.600 0z', darken(limbs, 0.12))
    : ellipse(16, 40, 8, 10.5, belly);
  const arms =
    line('M6.800 31.500C2.500 36 1.800 41 6 44.500', sleeves, 6.4) +
    line('M25.200 31.500C29.500 36 30.200 41 26 44.500', sleeves, 6.4);
  const hands = isPerson ? ellipse(7, 44.6, 3.1, 2.8, limbs) + ellipse(25, 44.6, 3.1, 2.8, limbs) : '';
  return torso + chest + (outfit === 'apron' ? drawApron() : '') + arms + hands;
}

function drawApron(): Svg {
  const cloth: Colour = '#2f6f62';
  return (
    line('M10.500 26.500L11.500 33M21.500 26.500L20.500 33', darken(cloth, 0.2), 1.3) +
    path(
      'M10.600 32h10.800l.8 4c2 .5 3.200 1.200 3.400 2L26.800 46H5.200l1.200-8c.2-.8 1.400-1.500 3.400-2z',
      linear([
        [0, lighten(cloth, 0.12)],
        [1, cloth],
      ]),
    ) +
    path(
      'M12.500 38.500h7v3.400a1.600 1.600 0 0 1-1.600 1.600h-3.800a1.600 1.600 0 0 1-1.600-1.600z',
      lighten(cloth, 0.22),
    )
  );
}

function drawFigure({ body, limbs, belly, isPerson }: Coat): Svg {
  const legs = isPerson ? '#3a4468' : limbs;
  const feet = isPerson ? '#2b2f45' : limbs;
  const lower =
    line('M12 46V53M20 46V53', legs, 6.2) + ellipse(11.2, 54.6, 4.4, 2.4, feet) + ellipse(20.8, 54.6, 4.4, 2.4, feet);
  const arms = line(
    'M8 32C5 35 4 38.500 4.600 42M24 32C27 35 28 38.500 27.400 42',
    isPerson ? darken(body, 0.12) : limbs,
    5.4,
  );
  const hands = isPerson ? ellipse(4.7, 43.4, 2.6, 2.6, limbs) + ellipse(27.3, 43.4, 2.6, 2.6, limbs) : '';
  const shape = isPerson
    ? 'M16 25c5 0 8 2.500 8.300 8l.7 13.500c.1 2-1 3-3 3H10c-2 0-3.100-1-3-3L7.700 33C8 27.500 11 25 16 25'
    : 'M16 25c5.500 0 9 3.500 9.500 10.500l.5 7C26.300 48.500 22 51 16 51S5.700 48.500 6 42.500l.5-7C7 28.500 10.500 25 16 25';
  const torso = path(shape, shaded(body));
  const front = isPerson
    ? path('M12.500 25.500h7l-1 3.600c-1.400 1.200-3.600 1.200-5 0z', darken(limbs, 0.12))
    : ellipse(16, 41.5, 6.8, 8.2, belly);
  return lower + torso + front + arms + hands;
}

/** A dark jacket with glowing seams. */
function drawJacket(pose: 'figure' | 'bust'): Svg {
  const legs =
    pose === 'figure'
      ? line('M12 46V53M20 46V53', '#1c1440', 6.2) +
        rect(7.5, 52.8, 7.6, 3.4, '#ff2fb3', 1.6) +
        rect(16.9, 52.8, 7.6, 3.4, '#ff2fb3', 1.6)
      : '';
  const hem = pose === 'figure' ? 49 : 48;
  const wide = pose === 'bust' ? 5.5 : 0;
  const coat = path(
    `M16 25C22.500 25 ${27 + wide} 28 ${28.2 + wide} 35L${29.6 + wide} ${hem}H${2.4 - wide}L${3.8 - wide} 35C${5 - wide} 28 9.500 25 16 25`,
    linear([
      [0, '#3a2670'],
      [1, '#140b33'],
    ]),
  );
  const shirt = path(`M12.500 26h7l-1.500 ${hem - 26}h-4z`, '#0d0726');
  const neck = path('M12.700 23.500h6.600l-.8 5c-1.500 1.300-3.500 1.300-5 0z', '#ed9200');
  const collar = path(
    'M8.200 30.500C8 26 10 23.500 12 23c.2 4 1.700 7 4 9l-3.500 4.500zM23.800 30.500C24 26 22 23.500 20 23c-.2 4-1.700 7-4 9l3.500 4.500z',
    '#2a1a58',
  );
  const seams =
    line('M12 23.400c.2 3.800 1.700 6.600 4 8.600', '#22e6ff', 0.75) +
    line('M20 23.400c-.2 3.800-1.700 6.600-4 8.600', '#ff2fb3', 0.75) +
    line(`M${5.4 - wide} 35.500L${4.4 - wide} ${hem}M${7.6 - wide} 33.500L${6.9 - wide} ${hem}`, '#22e6ff', 0.55, 0.9) +
    line(
      `M${26.6 + wide} 35.500L${27.6 + wide} ${hem}M${24.4 + wide} 33.500L${25.1 + wide} ${hem}`,
      '#ff2fb3',
      0.55,
      0.9,
    ) +
    line(`M16 33.500V${hem - 1}`, '#8a4bff', 0.5);
  return legs + coat + shirt + neck + collar + seams;
}

/** A visor for the eyes of a face of the icon set. */
export function drawVisor(): Svg {
  const glass = linear(
    [
      [0, '#ff2fb3'],
      [0.5, '#8a4bff'],
      [1, '#22e6ff'],
    ],
    'across',
  );
  return (
    rect(5, 14.6, 22, 5.6, '#120826', 2.6) +
    rect(5.7, 15.2, 20.6, 4.4, glass, 2.1) +
    path('M8 15.900h7l-2.200 2.900H7.200z', '#ffffff', { opacity: 0.35 }) +
    line('M6 17.300H26', '#ffffff', 0.35, 0.55)
  );
}

function shaded(colour: Colour) {
  return linear([
    [0, lighten(colour, 0.06)],
    [0.65, colour],
    [1, darken(colour, 0.22)],
  ]);
}
