import sharp, { type OverlayOptions, type Sharp } from 'sharp';
import type { Layers } from './drawing/draw-scene.ts';
import { createGrain } from './drawing/grain.ts';
import type { Scene } from './scene.ts';
import { applyStyles } from './styles.ts';

export type PictureFormat = 'jpeg' | 'png' | 'webp';

/** Turns drawn layers into the bytes of a picture: paper grain and styles first, the badge on top of all. */
export async function develop(
  scene: Scene,
  layers: Layers,
  output: { format: PictureFormat; quality: number },
): Promise<Buffer> {
  const drawn = sharp(Buffer.from(await fillIn(layers)), svgLimits).removeAlpha();
  const styled = await applyStyles(drawn, scene);
  const overlays: OverlayOptions[] = [{ input: Buffer.from(layers.badge) }];
  if (!scene.styles.includes('pixelated')) overlays.unshift({ input: await createGrain(scene.pixels), tile: true });
  return encode(styled.composite(overlays).removeAlpha(), output).toBuffer();
}

const svgLimits = { unlimited: true };

/** The picture with its reliefs in their places. */
async function fillIn({ picture, reliefs }: Layers): Promise<string> {
  const images = await Promise.all(
    reliefs.map((relief) => sharp(Buffer.from(relief)).png({ compressionLevel: 2 }).toBuffer()),
  );
  return picture.replace(/relief:(\d+)/g, (_, index) => {
    const image = images[Number(index)];
    return `data:image/png;base64,${image?.toString('base64')}`;
  });
}

function encode(picture: Sharp, { format, quality }: { format: PictureFormat; quality: number }): Sharp {
  switch (format) {
    case 'jpeg':
      return picture.jpeg({ quality, chromaSubsampling: '4:4:4' });
    case 'png':
      return picture.png({ compressionLevel: 6 });
    case 'webp':
      return picture.webp({ quality });
  }
}
