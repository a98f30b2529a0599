import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestServer, TestDatabases, type TestServer } from '../../../../test/postgres/test-database.ts';
import { createDiskDriver } from '../../../media/drivers/disk.ts';
import { MediaStore } from '../../../media/media-store.ts';
import { createPictureName, toPictureKey } from '../../../media/picture-name.ts';
import { createLogger } from '../../../platform/logger.ts';
import { SpoolFolder } from '../../../recovery/spool-folder.ts';
import { beginOne, picture, toCallEnd, toNewRequest } from '../../contract/fixtures.ts';
import type { Store } from '../../store.ts';
import { OutcomeUnknownError } from '../../store-errors.ts';
import { openPostgresStore } from '../open-postgres-store.ts';

const logger = createLogger('silent');
let server: TestServer;
let databases: TestDatabases;
let url: string;
let line: LateLine;
let store: Store;

beforeAll(async () => {
  server = await startTestServer();
  databases = new TestDatabases(server);
});
afterAll(() => server.stop());
beforeEach(async () => {
  url = await databases.take();
  line = await LateLine.open(url);
  store = await openPostgresStore({ url: line.url, logger });
});
afterEach(async () => {
  await store.close();
  await line.close();
  await databases.giveBack(url);
});

/** Waits until the question has its answer, or waits for a lock of the held connection. */
async function untilAskedInFull(question: Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  const isWaiting = async () => (await client.query(waiting)).rowCount !== 0;
  let isAnswered = false;
  const settled = question.finally(() => {
    isAnswered = true;
  });
  while (!isAnswered && !(await isWaiting())) await new Promise((wake) => setTimeout(wake, 10));
  await client.end();
  if (isAnswered) await settled;
}

describe('a COMMIT whose answer was lost and which reaches the server late', () => {
  it.each([
    ['true when the server does it', 'deliver', true],
    ['false when the server never gets it', 'lose', false],
  ] as const)(
    'decides whether its request exists %s, and no caller gets an answer before',
    async (_what, fate, expected) => {
      const request = toNewRequest();
      line.holdNextCommit();
      await expect(store.requests.submit(request)).rejects.toThrow(OutcomeUnknownError);
      const exists = store.requests.exists(request.id);
      await untilAskedInFull(exists);
      line[fate]();
      expect(await exists).toBe(expected);
      expect((await store.requests.find('org-a', request.id)) !== undefined).toBe(expected);
    },
  );

  it.each([
    ['true when the server does it', 'deliver', true],
    ['false when the server never gets it', 'lose', false],
  ] as const)(
    'decides whether its answer is recorded %s, and no caller gets an answer before',
    async (_what, fate, expected) => {
      const { lease } = await beginOne(store.requests);
      const end = toCallEnd({ answer: { parts: [{ kind: 'picture', picture }] } });
      line.holdNextCommit();
      await expect(store.requests.endCalls(lease, [end])).rejects.toThrow(OutcomeUnknownError);
      const { requestId, attempt } = lease;
      const hasAnswer = store.requests.hasAnswer({ requestId, attempt, imageIndex: 0 });
      await untilAskedInFull(hasAnswer);
      line[fate]();
      expect(await hasAnswer).toBe(expected);
    },
  );

  it('keeps the pictures that its row names, even when the folder of the submit is cleared before', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'darkroom-late-'));
    const driver = createDiskDriver({ folder: join(folder, 'media') });
    const media = new MediaStore(driver);
    await media.check();
    const submit = new SpoolFolder(await mkdtemp(join(folder, 'submit-')), { store: store.requests, media, logger });
    const name = createPictureName('image/png');
    const request = toNewRequest({ inline: [{ path: ['image'], name }] });
    await writeFile(join(submit.path, 'picture'), 'bytes');
    await submit.announce([toPictureKey(name)], { requestId: request.id });
    await media.keepAsIs({ path: join(submit.path, 'picture'), bytes: 5 }, 'image/png', name);
    line.holdNextCommit();
    await expect(store.requests.submit(request)).rejects.toThrow(OutcomeUnknownError);
    const cleared = submit.clear();
    await untilAskedInFull(cleared);
    line.deliver();
    await cleared;
    expect(await Array.fromAsync(driver.list(''))).toEqual([toPictureKey(name)]);
    await rm(folder, { recursive: true });
  });
});

/** A line to a database that can delay a COMMIT, and then breaks on the client's side only. */
class LateLine {
  readonly #server: Server;
  readonly #target: URL;
  readonly #sockets = new Set<Socket>();
  #isHolding = false;
  #held: { readonly server: Socket; readonly commit: Buffer } | undefined;

  private constructor(target: URL) {
    this.#target = target;
    this.#server = createServer((client) => this.#join(client));
  }

  static async open(url: string): Promise<LateLine> {
    const line = new LateLine(new URL(url));
    line.#server.listen(0, '127.0.0.1');
    await once(line.#server, 'listening');
    return line;
  }

  get url(): string {
    const own = new URL(this.#target);
    own.host = `127.0.0.1:${(this.#server.address() as AddressInfo).port}`; // it listens on a port
    return own.href;
  }

  holdNextCommit(): void {
    this.#isHolding = true;
  }

  deliver(): void {
    this.#held?.server.write(this.#held.commit);
  }

  lose(): void {
    this.#held?.server.destroy();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(client: Socket): void {
    const server = connect(Number(this.#target.port), this.#target.hostname);
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
    }
    client.on('data', (chunk) => {
      if (!this.#isHolding || !chunk.includes('COMMIT')) return server.write(chunk);
      this.#isHolding = false;
      this.#held = { server, commit: chunk };
      return client.destroy();
    });
    server.on('data', (chunk) => client.writable && client.write(chunk));
    server.on('close', () => client.destroy());
    client.on('close', () => {
      if (this.#held?.server !== server) server.destroy();
    });
  }
}
