import type { Pixels } from '@darkroom/protocol';
import { composeScene } from './compose-scene.ts';
import { develop, type PictureFormat } from './develop.ts';
import { drawScene } from './drawing/draw-scene.ts';

/**
 * The sandbox's artist: it draws a picture of what a prompt names, without any model. The prompt is read into nouns
 * and settings (`language/`), these are composed into a scene that is data alone (`subjects/`, `backgrounds/`), the
 * scene is drawn as SVG (`drawing/`) and developed into bytes. Words of the prompt never get into the SVG.
 */
export interface Illustration {
  readonly prompt: string;
  readonly pixels: Pixels;
  /** JPEG unless told otherwise. */
  readonly format?: PictureFormat;
  /** 1 to 100, for JPEG and WebP. */
  readonly quality?: number;
}

/** A picture for any prompt at the exact pixels. The same illustration gives the same bytes. */
export async function illustrate({ prompt, pixels, format = 'jpeg', quality = 90 }: Illustration): Promise<Buffer> {
  const scene = composeScene(prompt, pixels);
  return develop(scene, drawScene(scene), { format, quality });
}
