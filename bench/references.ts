import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { maxReferenceBytes, maxReferences, successOutcomeSchema } from '@darkroom/protocol';
import sharp from 'sharp';
import type { BenchOptions } from './options.ts';
import { readMemory } from './process-figures.ts';
import { startDarkroom, startSandbox, toUpstreamSettings } from './processes.ts';
import type { Section } from './report.ts';

const settleMs = 1_000;
const patienceMs = 120_000;

/** The server's memory while one request fetches the maximum number of references, each of the maximum size. */
export async function measureReferences(options: BenchOptions): Promise<Section> {
  const picture = await drawNoise();
  await using pictures = await servePicture(picture);
  await using sandbox = await startSandbox(options.bin);
  const settings = { ...toUpstreamSettings(sandbox.url), DARKROOM_ALLOW_PRIVATE_HOSTS: '127.0.0.1' };
  await using darkroom = await startDarkroom({ ...options, settings });
  await delay(settleMs);
  const idle = (await readMemory(darkroom.pid)).now;
  const start = performance.now();
  const image = Array.from({ length: maxReferences }, (_, index) => `${pictures.url}/${index}.jpg`);
  const payload = { prompt: 'a collage', image, image_output_format: 'jpeg' } as const;
  const { request_id } = await darkroom.client.submit({ payload });
  const signal = AbortSignal.timeout(patienceMs);
  const { status, error, outcome } = await darkroom.client.wait(request_id, { signal });
  if (status !== 'success') throw new Error(`The request ended as ${status}: ${error}`);
  const seconds = (performance.now() - start) / 1_000;
  const { peak } = await readMemory(darkroom.pid);
  const { reduced_references: reduced = 0 } = successOutcomeSchema.parse(outcome);
  const inMB = (bytes: number) => (bytes / 1e6).toFixed(1);
  return {
    title: 'References',
    setup: `${maxReferences} JPEG pictures of ${inMB(picture.length)} MB by URL in one request; ${reduced} of them were scaled down, because all together are more than the upstream accepts`,
    figures: [
      {
        name: 'peak above idle',
        value: (peak - idle) / 1e6,
        unit: 'MB',
        detail: `resident: idle ${inMB(idle)} MB, peak ${inMB(peak)} MB`,
        aim: { atMost: 120 },
      },
      { name: 'time', value: seconds, unit: 's', detail: 'from the submit to the picture' },
    ],
  };
}

/** Noise, which no encoder can compress: the largest picture that is still a valid reference. */
async function drawNoise(): Promise<Buffer> {
  for (let side = 3_200; ; side -= 50) {
    const raw = { width: side, height: side, channels: 3 } as const;
    const jpeg = await sharp(randomBytes(side * side * 3), { raw })
      .jpeg({ quality: 90 })
      .toBuffer();
    if (jpeg.length <= maxReferenceBytes) return jpeg;
  }
}

async function servePicture(picture: Buffer): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((_request, response) =>
    response.writeHead(200, { 'content-type': 'image/jpeg' }).end(picture),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
