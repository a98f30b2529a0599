import { type Colour, darken, lighten, mix } from '../colour.ts';
import { createDice } from '../dice.ts';
import { loadIcons } from '../icons.ts';
import { lit } from '../palette.ts';
import type { Scene, Subject } from '../scene.ts';
import { chooseComplexion } from '../subjects/complexion.ts';
import { dyedParts, findDrawing } from '../subjects/drawings.ts';
import { toCoat } from '../subjects/heads.ts';
import { heights } from '../subjects/piece.ts';
import { drawBody, drawVisor } from './figure.ts';
import { toLowestPoint } from './foot.ts';
import { circle, ellipse, glowing, group, line, linear, n, radial, type Svg } from './paint.ts';
import { dye, recolour, renameIds } from './recolour.ts';

/** One subject with its shadow, in the light of its scene. `index` keeps its ids apart from those of the others. */
export function drawSubject(scene: Scene, subject: Subject, index: number): Svg {
  const scale = subject.size / 32;
  const shape = drawShape(scene, subject);
  const isGrounded = subject.pose === 'icon' && subject.shadow !== 'none';
  const height = isGrounded ? toLowestPoint(shape) / 32 : heights[subject.pose];
  const top = subject.y - subject.size * height;
  const flip = subject.isFlipped ? `translate(${n(subject.size)} 0) scale(-1 1) ` : '';
  const turn = subject.tilt === 0 ? '' : `rotate(${n(subject.tilt)} ${n(subject.x)} ${n((top + subject.y) / 2)}) `;
  const body = group(
    renameIds(shape, `s${index}`),
    `transform="${turn}translate(${n(subject.x - subject.size / 2)} ${n(top)}) ${flip}scale(${n(scale)})"${toVolume(subject)}`,
  );
  return drawShadow(scene, subject) + drawAura(scene, subject) + body;
}

function drawShape(scene: Scene, subject: Subject): Svg {
  const lightOn = (svg: Svg) =>
    luminous.has(subject.name) ? svg : recolour(svg, (colour) => lightUp(scene, subject, colour));
  const complexion = chooseComplexion(scene, createDice(scene.seed).fork('complexion'));
  const complected = (svg: Svg) => recolour(svg, (colour) => complexion.get(colour) ?? colour);
  const coat = subject.pose === 'icon' ? undefined : toCoat(subject.name);
  const icon = findDrawing(subject.name) ?? loadIcons().body(subject.name) ?? '';
  // On a person, a colour is that of the clothes.
  const isDyed = subject.tint !== undefined && !coat?.isPerson;
  const head = isDyed ? dye(icon, subject.tint, dyedParts[subject.name]) : complected(icon);
  if (coat === undefined) return lightOn(head) + drawWorn(subject, lightOn);
  const dressed = coat.isPerson && subject.tint !== undefined ? { ...coat, body: subject.tint } : coat;
  const plain = drawBody(dressed, subject.pose === 'bust' ? 'bust' : 'figure', subject.outfit);
  const body = isDyed ? dye(plain, subject.tint) : complected(plain);
  const isNeon = subject.outfit === 'neon';
  return (isNeon ? body : lightOn(body)) + lightOn(head) + (isNeon ? drawVisor() : '') + drawWorn(subject, lightOn);
}

/** The hands or paws of one who stands behind the table, laid upon its edge. */
export function drawPaws(scene: Scene, subject: Subject): Svg {
  const coat = subject.pose === 'bust' ? toCoat(subject.name) : undefined;
  if (coat === undefined || scene.table === undefined) return '';
  const colour = lightUp(scene, subject, subject.tint !== undefined && !coat.isPerson ? subject.tint : coat.limbs);
  const [across, down] = [subject.size * 0.095, subject.size * 0.075];
  const y = scene.table + down * 0.55;
  const paws = [-0.31, 0.31].map((side) => {
    const x = subject.x + side * subject.size;
    const shade = ellipse(x, y + down * 0.75, across * 1.15, down * 0.5, '#20120c', { opacity: 0.22 });
    return (
      shade +
      ellipse(
        x,
        y,
        across,
        down,
        linear([
          [0, lighten(colour, 0.12)],
          [1, darken(colour, 0.15)],
        ]),
      )
    );
  });
  return paws.join('');
}

/** Where each thing sits on a head: its corner and its edge, in units of the head. */
const wornAt: Readonly<Record<string, readonly [x: number, y: number, edge: number]>> = {
  'billed-cap': [5, -6, 22],
  crown: [6, -9, 20],
  glasses: [5, 6, 22],
  goggles: [5, 6, 22],
  'graduation-cap': [4, -9, 24],
  headphone: [1, -4, 30],
  'military-helmet': [4, -7, 24],
  ribbon: [18, -5, 13],
  sunglasses: [5, 6, 22],
  'top-hat': [5.5, -10, 21],
  'womans-hat': [3, -9, 26],
};

function drawWorn({ worn }: Subject, lightOn: (svg: Svg) => Svg): Svg {
  const drawn = worn.map((name, index) => {
    const [x, y, edge] = wornAt[name] ?? [6, -10, 20];
    const icon = renameIds(lightOn(loadIcons().body(name) ?? ''), `w${index}`);
    return group(icon, `transform="translate(${x} ${y}) scale(${n(edge / 32)})"`);
  });
  return drawn.join('');
}

/** Near things keep most of their own colour even at night, or the picture would show nobody. */
function lightUp(scene: Scene, subject: Subject, colour: Colour): Colour {
  const own = 0.45 - subject.distance * 0.3;
  if (scene.background === 'room') return mix(mix(colour, '#ffb066', 0.07), lit(scene.palette, colour), 0.2);
  if (scene.background === 'underwater') return mix(colour, '#1f8fd0', 0.1 + subject.distance * 0.5);
  if (scene.background === 'space') return mix(colour, '#2a2360', 0.06 + subject.distance * 0.3);
  return mix(lit(scene.palette, colour, subject.distance), colour, own);
}

const luminous = new Set([
  'sun',
  'full-moon',
  'crescent-moon',
  'star',
  'glowing-star',
  'fire',
  'campfire',
  'candle',
  'red-paper-lantern',
  'light-bulb',
  'sparkles',
  'fireworks',
  'street-lamp',
  'high-voltage',
  'comet',
  'sun-with-face',
  'full-moon-face',
]);

function drawAura(scene: Scene, { name, x, y, size }: Subject): Svg {
  if (!luminous.has(name)) return '';
  const isDark = scene.time === 'night' || scene.time === 'neon' || scene.background === 'space';
  return circle(x, y - size / 2, size * (isDark ? 1.5 : 1.1), glowing('#ffdf8a', isDark ? 0.7 : 0.5));
}

function drawShadow(scene: Scene, { x, y, size, shadow, pose }: Subject): Svg {
  if (shadow === 'none') return '';
  const half = size * (pose === 'figure' ? 0.52 : 0.46);
  if (shadow === 'water') {
    const ripples = [0.75, 1, 1.25].map((reach) =>
      line(
        `M${n(x - half * reach)} ${n(y + size * (reach - 0.75) * 0.12)}q${n(half * reach)} ${n(size * 0.05)} ${n(half * reach * 2)} 0`,
        '#ffffff',
        size * 0.012,
        0.55 / reach,
      ),
    );
    return (
      ellipse(
        x,
        y + size * 0.02,
        half,
        size * 0.055,
        radial([
          [0, '#0c2a55', 0.5],
          [1, '#0c2a55', 0],
        ]),
      ) + ripples.join('')
    );
  }
  const dark = darken(scene.palette.sky[0], 0.72);
  const wide = ellipse(
    x + half * 0.12,
    y - size * 0.012,
    half * 1.3,
    size * 0.085,
    radial([
      [0, dark, 0.42],
      [0.55, dark, 0.2],
      [1, dark, 0],
    ]),
  );
  return (
    wide +
    ellipse(
      x,
      y - size * 0.012,
      half * 0.8,
      size * 0.035,
      radial([
        [0, dark, 0.5],
        [1, dark, 0],
      ]),
    )
  );
}

/** The filter that gives a flat icon a lit and a shaded edge; small ones do without. */
function toVolume({ size }: Subject): string {
  return size > 60 ? ' filter="url(#volume)"' : '';
}

/** Light from the upper left and shade at the lower right, made out of the outline alone. */
export function defineVolume(scene: Scene): Svg {
  const isNeon = scene.time === 'neon';
  const isRich = scene.styles.includes('realistic') || isNeon;
  const light = isNeon ? '#22e6ff' : mix(scene.palette.glow, '#ffffff', 0.3);
  const shade = isNeon ? '#ff2fb3' : darken(scene.palette.sky[0], 0.6);
  const strength = isNeon ? 0.95 : isRich ? 0.6 : 0.42;
  const spread = isRich && !isNeon ? 0.9 : 0.55;
  const edge = (name: string, x: number, y: number, colour: string, opacity: number) =>
    `<feOffset in="soft" dx="${n(x * spread)}" dy="${n(y * spread)}"/><feComposite in="SourceAlpha" operator="out" result="${name}Edge"/>` +
    `<feFlood flood-color="${colour}" flood-opacity="${n(opacity)}"/><feComposite in2="${name}Edge" operator="in" result="${name}"/>`;
  const opacityOfShade = isNeon ? 0.9 : strength * 0.6;
  return (
    `<filter id="volume" x="-5%" y="-5%" width="110%" height="110%" color-interpolation-filters="sRGB"><feGaussianBlur in="SourceAlpha" stdDeviation="${n(spread)}" result="soft"/>` +
    `${edge('shade', -1.1, isNeon ? 0 : -0.9, shade, opacityOfShade)}${edge('light', 1, isNeon ? 0.4 : 1.1, light, strength)}` +
    (isRich
      ? `<feGaussianBlur in="SourceAlpha" stdDeviation="2.600" result="soft"/>${edge('dusk', -3.6, isNeon ? 0 : -2, shade, isNeon ? 0.5 : 0.2)}${edge('dawn', 3.6, isNeon ? 1.5 : 3, light, isNeon ? 0.34 : 0.16)}`
      : '') +
    `<feMerge><feMergeNode in="SourceGraphic"/>${isRich ? '<feMergeNode in="dusk"/><feMergeNode in="dawn"/>' : ''}<feMergeNode in="shade"/><feMergeNode in="light"/></feMerge></filter>`
  );
}
