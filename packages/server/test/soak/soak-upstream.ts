import { once } from 'node:events';
import { createServer } from 'node:http';
import sharp from 'sharp';

/** An upstream in this process that answers every call at once with the same small picture, and counts its answers. */
export async function startSoakUpstream() {
  const jpeg = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#a32' } })
    .jpeg()
    .toBuffer();
  const parts = [{ inlineData: { mimeType: 'image/jpeg', data: jpeg.toString('base64') } }];
  const usageMetadata = { promptTokenCount: 5, candidatesTokenCount: 1_120, totalTokenCount: 1_125 };
  const candidates = [{ content: { role: 'model', parts }, finishReason: 'STOP' }];
  const body = JSON.stringify({ candidates, usageMetadata, modelVersion: 'gemini-3-pro-image', responseId: 'soak' });
  let answered = 0;
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      answered += 1;
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
      response.end(body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('The upstream has no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    answered: () => answered,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
