import { afterEach, beforeEach, expect, it } from 'vitest';
import { ScriptedServer } from '../../test/fakes/scripted-server.ts';
import { SilentAddress } from '../../test/fakes/silent-address.ts';
import { createPinnedClient } from './pinned-client.ts';

let server: ScriptedServer;
let silent: SilentAddress | undefined;
beforeEach(async () => {
  server = await ScriptedServer.start();
  server.answerBody('here');
});
afterEach(async () => {
  await silent?.close();
  silent = undefined;
  await server.close();
});

/** Limits with a quarter of a second for each address. */
const limits = { connectMs: 1_000, stallMs: 5_000, maxHeaderBytes: 16_384 };

async function visit(addresses: readonly string[]): Promise<string> {
  const url = new URL(`http://pictures.test:${server.port}/`);
  const client = await createPinnedClient({ url, addresses }, limits);
  try {
    const { body } = await client.request({ method: 'GET', origin: url.origin, path: '/' });
    return await body.text();
  } finally {
    await client.destroy();
  }
}

it('reaches the next of the checked addresses when one refuses', async () => {
  expect(await visit(['127.0.0.3', '127.0.0.1'])).toBe('here');
  expect(await visit(['::1', '127.0.0.1'])).toBe('here');
});

it('reaches the next of the checked addresses when one never answers', async () => {
  silent = await SilentAddress.start('127.0.0.2', server.port);
  expect(await visit(['127.0.0.2', '127.0.0.1'])).toBe('here');
});

it('reaches no address that was not checked', async () => {
  await expect(visit(['127.0.0.3', '127.0.0.4'])).rejects.toThrow();
  expect(server.connections).toBe(0);
});
