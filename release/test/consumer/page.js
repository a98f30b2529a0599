// A page's or an edge function's own code. It is bundled for a place that has no modules of Node.
import { Darkroom } from '@darkroom/client';

export async function makePicture(baseUrl, apiKey) {
  const darkroom = new Darkroom({ baseUrl, apiKey });
  const record = await darkroom.generate({ prompt: 'A fox in the snow', image_size: '1K' });
  const response = await darkroom.download(record.outcome.media_urls[0].url);
  return (await response.arrayBuffer()).byteLength;
}

globalThis.makePicture = makePicture;
