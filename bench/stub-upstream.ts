import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

/** An upstream in this process that notes when calls arrive. */
export interface StubUpstream extends AsyncDisposable {
  readonly url: string;
  /** When the call for this prompt arrived, by `performance.now()`; `undefined` if none arrived. */
  arrivalOf(prompt: string): number | undefined;
  /** How many calls arrived between two times. */
  countArrivals(from: number, to: number): number;
}

export interface StubAnswer {
  readonly jpeg: Buffer;
  readonly delayMs: number;
}

/** Answers every call with the picture. Without a picture it never answers. */
export async function startStubUpstream(answer?: StubAnswer): Promise<StubUpstream> {
  const arrivals = new Map<string, number>();
  const times: number[] = [];
  const body = answer && toBody(answer.jpeg);
  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    const arrival = performance.now();
    times.push(arrival);
    arrivals.set(readPrompt(await text(request)), arrival);
    if (!answer || !body) return;
    await delay(answer.delayMs);
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
  };
  const server = createServer((request, response) => {
    respond(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('The stub upstream has no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    arrivalOf: (prompt) => arrivals.get(prompt),
    countArrivals: (from, to) => times.filter((time) => time > from && time < to).length,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function readPrompt(body: string): string {
  const [, prompt] = /"text":"([^"\\]+)"/.exec(body) ?? [];
  if (prompt === undefined) throw new Error('The upstream call contains no prompt.');
  return prompt;
}

function toBody(jpeg: Buffer): Buffer {
  const parts = [{ inlineData: { mimeType: 'image/jpeg', data: jpeg.toString('base64') } }];
  const usageMetadata = {
    promptTokenCount: 12,
    candidatesTokenCount: 1120,
    candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: 1120 }],
    totalTokenCount: 1132,
  };
  const candidates = [{ content: { role: 'model', parts }, finishReason: 'STOP', index: 0 }];
  return Buffer.from(JSON.stringify({ candidates, usageMetadata, modelVersion: 'gemini-3-pro-image' }));
}
