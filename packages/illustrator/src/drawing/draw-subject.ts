import { darken } from '../colour.ts';
import type { Scene, Subject } from '../scene.ts';
import { heights } from '../subjects/piece.ts';
import { toLowestPoint } from './foot.ts';
import { circle, ellipse, glowing, group, line, n, radial, type Svg } from './paint.ts';
import { renameIds } from './recolour.ts';
import { drawRelief, toReliefBox } from './relief.ts';
import { drawShape, luminous } from './shape.ts';

export interface DrawnSubject {
  readonly subject: Subject;
  /** Refers to the relief as an image with the address `relief:` and the subject's index. */
  readonly svg: Svg;
  /** A separate document. */
  readonly relief: Svg;
}

/** One subject with its shadow, in the light of its scene. `index` makes its ids different from those of the others. */
export function drawSubject(scene: Scene, subject: Subject, index: number): DrawnSubject {
  const shape = renameIds(drawShape(scene, subject), `s${index}`);
  const isGrounded = subject.pose === 'icon' && subject.shadow !== 'none';
  const height = isGrounded ? toLowestPoint(shape) / 32 : heights[subject.pose];
  const top = subject.y - subject.size * height;
  const flipped = subject.isFlipped ? group(shape, 'transform="translate(32 0) scale(-1 1)"') : shape;
  const { x, y, width, height: tall } = toReliefBox(subject);
  const relief = `<image x="${x}" y="${y}" width="${width}" height="${n(tall)}" preserveAspectRatio="none" xlink:href="relief:${index}"/>`;
  const turn = subject.tilt === 0 ? '' : `rotate(${n(subject.tilt)} ${n(subject.x)} ${n((top + subject.y) / 2)}) `;
  const place = `transform="${turn}translate(${n(subject.x - subject.size / 2)} ${n(top)}) scale(${n(subject.size / 32)})"`;
  return {
    subject,
    svg: drawShadow(scene, subject) + drawAura(scene, subject) + group(flipped + relief, place),
    relief: drawRelief(scene, subject, shape),
  };
}

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
