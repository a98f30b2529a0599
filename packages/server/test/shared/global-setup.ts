import { once } from 'node:events';
import { createServer } from 'node:http';
import { buildPrograms } from './build-programs.ts';
import { startChromium, stopChromium } from './chromium.ts';
import { startPostgres, stopPostgres } from './postgres.ts';

/**
 * What the test files of a run share. It is made when the first of them asks this HTTP server for it, so a run without such
 * tests pays nothing. Each answer is a text: a URL or a folder.
 */
const making = { chromium: startChromium, postgres: startPostgres, programs: buildPrograms };
const made = new Map<string, Promise<string>>();

const door = createServer(async ({ url = '' }, response) => {
  const name = url.slice(1);
  try {
    response.end(await make(name));
  } catch (error) {
    response.writeHead(500).end(`${name}: ${error}`);
  }
});

function make(name: string): Promise<string> {
  if (!isShared(name)) throw new Error('Nothing has this name.');
  const one = made.get(name) ?? making[name]();
  made.set(name, one);
  return one;
}

function isShared(name: string): name is keyof typeof making {
  return Object.hasOwn(making, name);
}

export async function setup(): Promise<void> {
  await once(door.listen(0, '127.0.0.1'), 'listening');
  const address = door.address();
  if (typeof address !== 'object' || !address) throw new Error('The door to what is shared has no port.');
  process.env['SHARED_BY_TESTS'] = `http://127.0.0.1:${address.port}`;
}

export async function teardown(): Promise<void> {
  door.close();
  door.closeAllConnections();
  await Promise.all([stopChromium(), stopPostgres()]);
}
