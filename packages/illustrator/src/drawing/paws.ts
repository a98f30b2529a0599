import { darken, lighten } from '../colour.ts';
import type { Scene, Subject } from '../scene.ts';
import { toCoat } from '../subjects/heads.ts';
import { ellipse, linear, type Svg } from './paint.ts';
import { lightUp } from './shape.ts';

/** The hands or paws of a creature behind the table, resting on its edge. */
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
