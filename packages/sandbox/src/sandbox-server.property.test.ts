import { once } from 'node:events';
import { connect } from 'node:net';
import { env } from 'node:process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { drawFlat, proPath, startSandbox, toRequest } from '../test/sandbox-harness.ts';

const { FC_NUM_RUNS: numRuns = '100', FC_SEED: seed } = env;
const runs: fc.Parameters<unknown> = { numRuns: Number(numRuns), ...(seed !== undefined && { seed: Number(seed) }) };

it('answers any JSON with 200 or 400 and keeps no file of it', async () => {
  const sandbox = await startSandbox({
    illustrate: (order) => drawFlat({ ...order, pixels: { width: 1, height: 1 } }),
  });
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.jsonValue(), almostRequest()), async (body) => {
      const response = await sandbox.post(body);
      expect([200, 400]).toContain(response.status);
      expect(await response.json()).toHaveProperty(response.status === 200 ? 'candidates' : 'error.message');
    }),
    runs,
  );
  expect(await sandbox.spooled()).toEqual([]);
  expect(sandbox.server.calls.inFlight).toBe(0);
});

it('survives any bytes as a body', async () => {
  const sandbox = await startSandbox();
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
      const response = await fetch(`${sandbox.server.url}${proPath}?key=k`, {
        method: 'POST',
        body: Buffer.from(bytes),
      });
      expect(response.status).toBe(400);
      await response.text();
    }),
    runs,
  );
  expect(await sandbox.spooled()).toEqual([]);
});

it('survives any bytes instead of HTTP', async () => {
  const sandbox = await startSandbox();
  const port = Number(new URL(sandbox.server.url).port);
  const line = fc.constantFrom(
    `POST ${proPath} HTTP/1.1\r\n`,
    'GET /%zz?key=%ff HTTP/1.1\r\nhost: x\r\n\r\n',
    'host: x\r\n',
    '\r\n',
  );
  const bytes = fc.array(
    fc.oneof(
      line.map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 40 }),
    ),
    { maxLength: 6 },
  );
  await fc.assert(
    fc.asyncProperty(bytes, async (chunks) => {
      const socket = connect({ port, host: '127.0.0.1' });
      socket.on('error', () => {});
      socket.resume();
      socket.end(Buffer.concat(chunks));
      if (!socket.closed) await once(socket, 'close');
    }),
    { ...runs, numRuns: Number(numRuns) / 2 },
  );
  expect((await sandbox.ask('still there?')).status).toBe(200);
});

/** A valid request with something replaced, and with words that look like directives. */
function almostRequest(): fc.Arbitrary<unknown> {
  const word = fc.constantFrom(
    'images',
    'status',
    'finish',
    'size',
    'declare',
    'truncate',
    'times',
    'bytes',
    'thoughts',
  );
  const value = fc.constantFrom('', '=1', '=503', '=STOP', '=3x3', '=a/b', '=1KB', '=-1', '==', '=[');
  const prompt = fc.oneof(
    fc.string(),
    fc.tuple(fc.string(), word, value, fc.string()).map(([a, name, set, b]) => `${a}[[sandbox ${name}${set}]]${b}`),
  );
  return fc
    .tuple(prompt, fc.constantFrom('contents', 'generationConfig', 'generation_config', 'tools', 'x'), fc.jsonValue())
    .filter(([text]) => !/status|truncate/.test(text))
    .map(([text, name, json]) => ({ ...toRequest(text), ...(text.length % 3 === 0 && { [name]: json }) }));
}
