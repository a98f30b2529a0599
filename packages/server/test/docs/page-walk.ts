import { chmod, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { drawPlain } from '../draw-plain.ts';
import { findFreePort } from '../free-port.ts';
import { findProgram } from '../shared/programs.ts';
import { startServer, type TestServer } from '../start-server.ts';
import { WebhookReceiver } from '../webhook-receiver.ts';
import { fitsJson, fitsText } from './expected-output.ts';
import type { Block } from './markdown.ts';
import { root } from './pages.ts';
import { callReceiver, toHandlerCalls, webhookSecret } from './sample-webhooks.ts';
import { Terminal } from './terminal.ts';

/**
 * A reader who goes through a page from its first block to its last in one shell, next to a Darkroom that was just
 * started as by `npm start`: its data folder is `.darkroom`, and the sandbox draws its pictures, though only plain ones.
 */
export class PageWalk {
  readonly #folder: string;
  readonly #server: TestServer;
  readonly #receiver: WebhookReceiver;
  readonly #terminal: Terminal;
  /** Everything printed so far, from which a reader would copy ids. */
  #seen = '';
  #printed = '';

  /** `signal` ends everything that still runs. */
  static async begin(signal: AbortSignal): Promise<PageWalk> {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'darkroom-docs-'));
    const receiver = await WebhookReceiver.start();
    const settings = { DARKROOM_ALLOW_PRIVATE_HOSTS: `127.0.0.1:${receiver.port}` };
    const server = await startServer(settings, { illustrate: drawPlain });
    await furnish(folder, server.dataDir);
    return new PageWalk({ folder, server, receiver, signal });
  }

  private constructor({ folder, server, receiver, signal }: Furniture) {
    this.#folder = folder;
    this.#server = server;
    this.#receiver = receiver;
    const env = {
      PATH: [folder, path.join(root, 'node_modules/.bin'), process.env['PATH']].join(':'),
      HOME: folder,
      PORT: new URL(server.url).port,
      // Half of a command's time is spent reading its sources, which other tests have compiled, too.
      NODE_COMPILE_CACHE: path.join(os.tmpdir(), 'node-compile-cache'),
    };
    this.#terminal = new Terminal({ folder, env, signal });
  }

  /** Runs a block, or compares the output of the block before; rejects when it does not match the page. */
  async take(block: Block): Promise<void> {
    if (block.marks.has('output')) return this.#compare(block);
    this.#printed = await this.#run(block);
    this.#seen += this.#printed;
  }

  async end(): Promise<void> {
    await this.#terminal.close();
    await this.#server.stop();
    await this.#receiver.stop();
    await rm(this.#folder, { recursive: true });
  }

  async #run({ language, marks, code }: Block): Promise<string> {
    const text = this.#fillIn(code);
    if (language === 'ts') return this.#runProgram(text);
    if (language !== 'sh') throw new Error(`There is no way to run ${language || 'this'}: say why with not-run="…".`);
    if (!marks.has('serves')) return this.#terminal.run(text);
    return this.#terminal.runProgram(['bash', '-c', `exec ${text}`], {
      // A separate server for the page, next to the one that runs.
      env: { PORT: '0', DARKROOM_DATA_DIR: 'own' },
      isEnough: (output) => /http:\/\/127\.0\.0\.1:\d+/.test(output),
    });
  }

  /** Runs a program of the SDK, or one that receives webhooks; the latter is sent some. */
  async #runProgram(code: string): Promise<string> {
    const env = {
      DARKROOM_URL: this.#server.url,
      DARKROOM_API_KEY: this.#server.key,
      DARKROOM_WEBHOOK_SECRET: webhookSecret,
    };
    const file = path.join(this.#folder, 'program.ts');
    const isHandler = /export (async function|const) POST/.test(code);
    const isServer = code.includes('listen(8080');
    const port = isServer ? await findFreePort() : 8080;
    await writeFile(file, `${code.replaceAll('8080', String(port))}\n${isHandler ? toHandlerCalls() : ''}`);
    if (!isServer) {
      const output = await this.#terminal.runProgram([process.execPath, file], { env });
      if (isHandler && output !== '401\nrequest-1\n204\n') throw new Error(`The handler answers:\n${output}`);
      return output;
    }
    let isCalled = false;
    return this.#terminal.runProgram([process.execPath, file], {
      env,
      isEnough: async (output) => {
        if (!isCalled) await callReceiver(port);
        isCalled = true;
        return output.includes('request-1');
      },
    });
  }

  #compare({ language, code }: Block): void {
    const expected = this.#fillIn(code);
    const fits =
      language === 'json'
        ? fitsJson(JSON.parse(this.#printed), JSON.parse(expected))
        : fitsText(this.#printed, expected);
    if (!fits) throw new Error(`The block before prints something else:\n${this.#printed}`);
  }

  /** Fills in what a reader would for the names in capitals, and the addresses of this walk. */
  #fillIn(code: string): string {
    return code
      .replaceAll('http://127.0.0.1:4600', this.#server.url)
      .replaceAll('--port 4601', '--port 0')
      .replaceAll('https://your-app.example', this.#receiver.url(''))
      .replaceAll('YOUR_API_KEY', this.#server.key)
      .replaceAll('REQUEST_ID', () => this.#find(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g))
      .replaceAll('ENDPOINT_ID', () => this.#find(/\bwe_\w+/g))
      .replaceAll('DELIVERY_ID', () => this.#find(/\bmsg_[\w-]+/g));
  }

  #find(pattern: RegExp): string {
    const [last] = this.#seen.match(pattern)?.slice(-1) ?? [];
    if (last === undefined) throw new Error('It asks for an id that no block before has printed.');
    return last;
  }
}

interface Furniture {
  readonly folder: string;
  readonly server: TestServer;
  readonly receiver: WebhookReceiver;
  readonly signal: AbortSignal;
}

/** The folder of a reader who has installed Darkroom, with a picture to refer to. */
async function furnish(folder: string, dataDir: string): Promise<void> {
  await symlink(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  await symlink(dataDir, path.join(folder, '.darkroom'));
  await writeFile(path.join(folder, 'package.json'), '{"type":"module"}');
  const bin = await findProgram('darkroom');
  // npm's own commands would first ask the registry.
  await writeScript(path.join(folder, 'npx'), 'exec "$@"');
  await writeScript(path.join(folder, 'npm'), `[ "$1" = start ] && shift && exec node ${bin} serve "$@"`);
  await writeScript(path.join(folder, 'darkroom'), `exec node ${bin} "$@"`);
  const portrait = sharp({ create: { width: 64, height: 64, channels: 3, background: 'teal' } });
  await portrait.png().toFile(path.join(folder, 'portrait.png'));
}

async function writeScript(file: string, command: string): Promise<void> {
  await writeFile(file, `#!/bin/sh\n${command}\n`);
  await chmod(file, 0o755);
}
