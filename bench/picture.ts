import { illustrate } from '@darkroom/illustrator';
import { panda } from './panda.ts';

/** The sandbox's panda as a square JPEG. */
export function drawJpeg(side: number): Promise<Buffer> {
  return illustrate({ prompt: panda.payload.prompt, pixels: { width: side, height: side } });
}
