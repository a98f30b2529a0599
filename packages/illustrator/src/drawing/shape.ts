import { type Colour, mix } from '../colour.ts';
import { createDice } from '../dice.ts';
import { loadIcons } from '../icons.ts';
import { lit } from '../palette.ts';
import type { Scene, Subject } from '../scene.ts';
import { chooseComplexion } from '../subjects/complexion.ts';
import { dyedParts, findDrawing } from '../subjects/drawings.ts';
import { toCoat } from '../subjects/heads.ts';
import { drawBody, drawVisor } from './figure.ts';
import { group, n, type Svg } from './paint.ts';
import { dye, recolour, renameIds } from './recolour.ts';

/** A subject in the colours of its scene, in units of its head or icon: a square of 32 from 0, 0. */
export function drawShape(scene: Scene, subject: Subject): Svg {
  const lightOn = (svg: Svg) =>
    luminous.has(subject.name) ? svg : recolour(svg, (colour) => lightUp(scene, subject, colour));
  const complexion = chooseComplexion(scene, createDice(scene.seed).fork('complexion'));
  const complected = (svg: Svg) => recolour(svg, (colour) => complexion.get(colour) ?? colour);
  const coat = subject.pose === 'icon' ? undefined : toCoat(subject.name);
  const icon = findDrawing(subject.name) ?? loadIcons().body(subject.name) ?? '';
  // The colour of a person is that of the clothes.
  const isDyed = subject.tint !== undefined && !coat?.isPerson;
  const head = isDyed ? dye(icon, subject.tint, dyedParts[subject.name]) : complected(icon);
  if (coat === undefined) return lightOn(head) + drawWorn(subject, lightOn);
  const dressed = coat.isPerson && subject.tint !== undefined ? { ...coat, body: subject.tint } : coat;
  const plain = drawBody(dressed, subject.pose === 'bust' ? 'bust' : 'figure', subject.outfit);
  const body = isDyed ? dye(plain, subject.tint) : complected(plain);
  const isNeon = subject.outfit === 'neon';
  return (isNeon ? body : lightOn(body)) + lightOn(head) + (isNeon ? drawVisor() : '') + drawWorn(subject, lightOn);
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
  const drawn = worn.map(({ name, tint }, index) => {
    const [x, y, edge] = wornAt[name] ?? [6, -10, 20];
    const plain = loadIcons().body(name) ?? '';
    const icon = renameIds(lightOn(tint === undefined ? plain : dye(plain, tint)), `w${index}`);
    return group(icon, `transform="translate(${x} ${y}) scale(${n(edge / 32)})"`);
  });
  return drawn.join('');
}

/** Near things keep most of their colour even at night. Otherwise nothing would be visible. */
export function lightUp(scene: Scene, subject: Subject, colour: Colour): Colour {
  const own = 0.45 - subject.distance * 0.3;
  if (scene.background === 'room') return mix(mix(colour, '#ffb066', 0.07), lit(scene.palette, colour), 0.2);
  if (scene.background === 'underwater') return mix(colour, '#1f8fd0', 0.1 + subject.distance * 0.5);
  if (scene.background === 'space') return mix(colour, '#2a2360', 0.06 + subject.distance * 0.3);
  return mix(lit(scene.palette, colour, subject.distance), colour, own);
}

export const luminous = new Set([
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
