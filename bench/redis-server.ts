import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Redis } from 'ioredis';
import { findFreePort } from '../packages/server/test/free-port.ts';
import { createTemporaryFolder } from './temporary-folder.ts';

/** A Redis server that flushes every write before it answers. */
export interface RedisServer extends AsyncDisposable {
  readonly port: number;
}

const startMs = 10_000;

/** `undefined` when there is no `redis-server` on the PATH. */
export async function startRedis(parent: string): Promise<RedisServer | undefined> {
  await using owned = new AsyncDisposableStack();
  const { path: folder } = owned.use(await createTemporaryFolder(parent));
  const port = await findFreePort();
  const settings = ['--bind', '127.0.0.1', '--appendonly', 'yes', '--appendfsync', 'always', '--save', ''];
  const child = spawn('redis-server', ['--port', String(port), '--dir', folder, ...settings], { stdio: 'ignore' });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = once(child, 'close').finally(() => process.off('exit', kill));
  try {
    await once(child, 'spawn');
  } catch {
    await ended.catch(() => undefined);
    return undefined;
  }
  owned.defer(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  await waitUntilReady(port);
  const held = owned.move();
  return { port, [Symbol.asyncDispose]: () => held.disposeAsync() };
}

async function waitUntilReady(port: number): Promise<void> {
  const redis = new Redis({ host: '127.0.0.1', port, maxRetriesPerRequest: null, retryStrategy: () => 20 });
  redis.on('error', () => undefined);
  const timer = setTimeout(() => redis.disconnect(), startMs);
  try {
    await redis.ping();
  } finally {
    clearTimeout(timer);
    redis.disconnect();
  }
}
