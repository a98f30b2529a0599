import { darken, lighten, mix } from '../colour.ts';
import { ellipse, group, line, linear, n, path, rect, type Svg } from '../drawing/paint.ts';
import type { HungReference, Scene } from '../scene.ts';

/** The references behind the subjects, or those in front. Each is an image with the address `reference:` and its index. */
export function drawReferences(scene: Scene, isInFront: boolean): Svg {
  const hung = scene.references.filter((reference) => reference.isInFront === isInFront);
  return drawCords(scene, hung) + hung.map((reference) => drawReference(scene, reference)).join('');
}

/** A cord from side to side: a curve through the upper edges of the pictures that hang on it. */
function drawCords(scene: Scene, hung: readonly HungReference[]): Svg {
  const tied = hung.filter(({ mount }) => mount === 'cord');
  const rows = Object.values(Object.groupBy(tied, ({ index }) => Math.floor(index / toPerRow(tied.length))));
  return rows.map((row = []) => drawCord(scene, row)).join('');
}

function toPerRow(count: number): number {
  return Math.ceil(count / Math.ceil(count / 7));
}

function drawCord({ canvas: { width, height } }: Scene, row: readonly HungReference[]): Svg {
  const tops = row.map(({ y, height: tall }) => y - tall / 2);
  const [high, low] = [Math.min(...tops) - height * 0.012, Math.max(...tops)];
  return line(
    `M0 ${n(high - height * 0.01)}Q${n(width / 2)} ${n(low + (low - high) * 0.6)} ${n(width)} ${n(high - height * 0.01)}`,
    '#6b5344',
    2.4,
    0.85,
  );
}

function drawReference(scene: Scene, reference: HungReference): Svg {
  const { x, y, width, height, tilt, mount, index, isReadable } = reference;
  const edge = Math.min(width, height) * (mount === 'frame' ? 0.06 : 0.07);
  const picture = isReadable
    ? `<image x="${n(-width / 2)}" y="${n(-height / 2)}" width="${n(width)}" height="${n(height)}" preserveAspectRatio="xMidYMid slice" xlink:href="reference:${index}"/>`
    : drawPlaceholder(width, height);
  const card = mount === 'frame' ? drawFrame(scene, reference, edge) : drawPolaroid(width, height, edge);
  const peg =
    mount === 'cord' ? rect(-edge * 0.7, -height / 2 - edge * 2.2, edge * 1.4, edge * 3, '#d9a066', edge * 0.3) : '';
  return group(
    card + picture + drawGloss(width, height) + peg,
    `transform="translate(${n(x)} ${n(y)}) rotate(${n(tilt)})"`,
  );
}

/** A frame: wood around white card. */
function drawFrame({ palette }: Scene, { width, height }: HungReference, edge: number): Svg {
  const wood = mix('#6e4a33', palette.accents[2], 0.18);
  const at = (reach: number) =>
    [-width / 2 - reach, -height / 2 - reach, width + reach * 2, height + reach * 2] as const;
  const [x, y, wide, tall] = at(edge * 1.9);
  const outer = linear([
    [0, lighten(wood, 0.28)],
    [1, darken(wood, 0.2)],
  ]);
  return (
    rect(x + edge * 0.3, y + edge * 0.7, wide, tall, '#120c18', edge * 0.4).replace('/>', ' opacity="0.28"/>') +
    rect(x, y, wide, tall, outer, edge * 0.35) +
    rect(...at(edge * 1.1), darken(wood, 0.35)) +
    rect(...at(edge), '#fbf7ef')
  );
}

function drawPolaroid(width: number, height: number, edge: number): Svg {
  const [x, y, wide, tall] = [-width / 2 - edge, -height / 2 - edge, width + edge * 2, height + edge * 4];
  return (
    rect(x + edge * 0.4, y + edge * 0.7, wide, tall, '#120c18', edge * 0.4).replace('/>', ' opacity="0.25"/>') +
    rect(x, y, wide, tall, '#fdfbf6', edge * 0.3)
  );
}

/** Hills and a sun in grey, for a picture that cannot be shown. */
function drawPlaceholder(width: number, height: number): Svg {
  const [left, foot, unit] = [-width / 2, height / 2, Math.min(width, height)];
  const hills = `M${n(left)} ${n(foot)}V${n(foot - height * 0.22)}L${n(left + width * 0.3)} ${n(foot - height * 0.52)}L${n(left + width * 0.56)} ${n(foot - height * 0.24)}L${n(left + width * 0.7)} ${n(foot - height * 0.38)}L${n(left + width)} ${n(foot - height * 0.14)}V${n(foot)}Z`;
  return (
    rect(left, -height / 2, width, height, '#d7dae2') +
    path(hills, '#aab0be') +
    ellipse(left + width * 0.72, -height * 0.2, unit * 0.09, unit * 0.09, '#f3f4f7')
  );
}

function drawGloss(width: number, height: number): Svg {
  const shine = linear([
    [0, '#ffffff', 0.2],
    [0.5, '#ffffff', 0],
  ]);
  return path(`M${n(-width / 2)} ${n(-height / 2)}H${n(width * 0.22)}L${n(-width / 2)} ${n(height * 0.3)}Z`, shine);
}
