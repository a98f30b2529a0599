import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import sharp from 'sharp';

const sides = {
  postcard: { square: [60, 60], strip: [120, 30] },
  poster: { square: [240, 240], strip: [480, 120] },
} as const;

const inks = { postcard: 100, poster: 400 } as const;

/** The vendor's own service. It refuses the word "forbidden", and is overloaded the first time it hears "busy". */
export async function startScratchEngine() {
  const heard: string[] = [];
  const server = createServer((request, response) => void draw(request, response, heard));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens on a port
  return {
    url: `http://127.0.0.1:${port}`,
    /** What it was asked to paint, in order. */
    heard,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function draw(request: IncomingMessage, response: ServerResponse, heard: string[]): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer); // a stream of a request gives buffers
  const type = request.headers['content-type'] ?? '';
  const form = await new Response(Buffer.concat(chunks), { headers: { 'content-type': type } }).formData();
  const words = String(form.get('words'));
  const isFirst = !heard.includes(words);
  heard.push(words);
  if (request.headers['x-engine-key'] !== 'engine-key') return void response.writeHead(401).end('Who are you?');
  if (words.includes('forbidden')) return void response.writeHead(422).end('I do not paint that.');
  if (words.includes('busy') && isFirst) return void response.writeHead(503).end('Too many painters.');
  const size = form.get('size') as keyof typeof sides; // the model's entry has no other
  const ratio = form.get('ratio') as keyof (typeof sides)[typeof size]; // nor other ratios
  const [width, height] = sides[size][ratio];
  const png = await sharp({ create: { width, height, channels: 3, background: '#3a7' } })
    .png()
    .toBuffer();
  response.writeHead(200, { 'content-type': 'image/png', 'x-inks': inks[size] }).end(png);
}
