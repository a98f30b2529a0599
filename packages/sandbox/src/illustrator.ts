import type { PictureFile, PictureOrder, Pixels } from '@darkroom/illustrator';

/** Loaded with the first picture: most processes that run a sandbox start without drawing. */
function loadIllustrator() {
  return import('@darkroom/illustrator');
}

export async function illustrate(order: PictureOrder): Promise<Buffer> {
  return (await loadIllustrator()).illustrate(order);
}

export async function measure(file: PictureFile): Promise<Pixels | undefined> {
  return (await loadIllustrator()).measure(file);
}
