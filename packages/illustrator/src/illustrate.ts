import { composeScene } from './compose-scene.ts';
import { develop } from './develop.ts';
import type { PictureOrder } from './picture-order.ts';
import { lookAtAll } from './references/look-at.ts';
import { firstTake } from './take.ts';

/**
 * The illustrator of the sandbox: it draws what a conversation asks for, without any model. The prompt is read into nouns
 * and settings (`language/`). The later texts change what was read (`edits/`). All of it is composed into a scene that is
 * only data (`subjects/`, `backgrounds/`). The scene is drawn as SVG (`drawing/`) and developed into bytes. No word of a
 * text ever gets into the SVG.
 */
export async function illustrate({
  prompt,
  edits = [],
  references = [],
  take = firstTake,
  pixels,
  format = 'jpeg',
  quality = 90,
}: Illustration): Promise<Buffer> {
  const seen = await lookAtAll(references);
  const scene = composeScene(prompt, pixels, { edits, take, references: seen.map(({ look }) => look) });
  return develop(scene, { format, quality, seen });
}

/** Draws a picture order. Edits may be left out, and the default is the first take. The same order gives the same bytes. */
export type Illustration = Pick<PictureOrder, 'prompt' | 'pixels' | 'format' | 'quality'> &
  Partial<Pick<PictureOrder, 'edits' | 'references' | 'take'>>;
