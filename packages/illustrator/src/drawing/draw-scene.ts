import { createEasel } from '../backgrounds/backdrop.ts';
import { drawBackdrop } from '../backgrounds/draw-backdrop.ts';
import { darken } from '../colour.ts';
import { drawReferences } from '../references/draw-references.ts';
import type { Scene } from '../scene.ts';
import { drawSubject } from './draw-subject.ts';
import { n, radial, rect, type Svg } from './paint.ts';
import { drawPaws } from './paws.ts';
import { drawTable } from './table.ts';
import { drawFog, drawWeather } from './weather.ts';

/** The layers of a picture as SVG documents. */
export interface Layers {
  /** Has a placeholder for every relief and reference: an image with the address `relief:` or `reference:` and an index. */
  readonly picture: Svg;
  /** Light and shade of the subjects. */
  readonly reliefs: readonly Svg[];
}

/** Draws a scene. The text depends only on the scene. */
export function drawScene(scene: Scene): Layers {
  const easel = createEasel(scene);
  const { back, front } = drawBackdrop(easel);
  const tableFrom = scene.table === undefined ? 0 : scene.table + scene.canvas.height * 0.03;
  const drawn = scene.subjects.map((subject, index) => drawSubject(scene, subject, index));
  const standing = drawn.filter(({ subject }) => scene.table === undefined || subject.y < tableFrom);
  const onTable = drawn.filter(({ subject }) => scene.table !== undefined && subject.y >= tableFrom);
  const content = [
    back,
    drawFog(easel),
    drawReferences(scene, false),
    ...standing.map(({ svg }) => svg),
    drawTable(easel),
    ...standing.map(({ subject }) => drawPaws(scene, subject)),
    ...onTable.map(({ svg }) => svg),
    drawReferences(scene, true),
    front,
    drawWeather(easel),
    drawVignette(scene),
  ];
  return {
    picture: toDocument(scene, content.join('')),
    reliefs: drawn.map(({ relief }) => relief),
  };
}

function drawVignette({ canvas, styles, palette }: Scene): Svg {
  const isSoft = styles.includes('minimalist') || styles.includes('pastel') || styles.includes('painted');
  const strength = isSoft ? 0.06 : styles.includes('vintage') ? 0.5 : 0.24;
  const tone = darken(palette.sky[0], 0.5);
  const shade = radial([
    [0, tone, 0],
    [0.6, tone, 0],
    [1, tone, strength],
  ]);
  return rect(-canvas.width * 0.21, -canvas.height * 0.21, canvas.width * 1.42, canvas.height * 1.42, shade);
}

function toDocument({ canvas, pixels }: Scene, content: Svg): Svg {
  return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${pixels.width}" height="${pixels.height}" viewBox="0 0 ${n(canvas.width)} ${n(canvas.height)}" preserveAspectRatio="none">${content}</svg>`;
}
