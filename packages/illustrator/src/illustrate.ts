import { composeScene } from './compose-scene.ts';
import { develop } from './develop.ts';
import type { PictureOrder } from './picture-order.ts';
import { lookAtAll } from './references/look-at.ts';
import { firstTake } from './take.ts';

/**
 * The sandbox's artist: it draws what a conversation asks for, without any model. The prompt is read into nouns and
 * settings (`language/`), the later texts change what was read (`edits/`), all of it is composed into a scene that is
 * data alone (`subjects/`, `backgrounds/`), the scene is drawn as SVG (`drawing/`) and developed into bytes. No word of
 * a text ever gets into the SVG.
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

/** A picture order of which the conversation's later turns may be missing, and which is of the first take if it says nothing. The same one gives the same bytes. */
export type Illustration = Pick<PictureOrder, 'prompt' | 'pixels' | 'format' | 'quality'> &
  Partial<Pick<PictureOrder, 'edits' | 'references' | 'take'>>;
