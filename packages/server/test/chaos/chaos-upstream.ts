import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Illustrate } from '@darkroom/sandbox';
import { createSandboxServer, type SandboxServer } from '@darkroom/sandbox';
import sharp from 'sharp';
import { CuttableLine } from './cuttable-line.ts';

export interface ChaosUpstreamOptions {
  /** It must exist. */
  readonly spoolFolder: string;
  /** The vendor's answer in a wave. */
  readonly overload: Error;
}

/** One sandbox with two addresses: its own, and one behind a line that can be cut. It outlives every Darkroom. */
export class ChaosUpstream {
  /** While true, every call that would have brought a picture is answered with 503. */
  isWave = false;
  readonly #sandbox: SandboxServer;
  readonly #line: CuttableLine;
  readonly #overload: Error;

  private constructor({ spoolFolder, overload }: ChaosUpstreamOptions) {
    this.#overload = overload;
    this.#sandbox = createSandboxServer({
      host: '127.0.0.1',
      port: 0,
      spoolFolder,
      illustrate: (order) => this.#draw(order),
    });
    this.#line = new CuttableLine(() => Number(new URL(this.#sandbox.url).port));
  }

  static async start(options: ChaosUpstreamOptions): Promise<ChaosUpstream> {
    const upstream = new ChaosUpstream(options);
    await upstream.#sandbox.start();
    await upstream.#line.mend();
    return upstream;
  }

  get url(): string {
    return this.#sandbox.url;
  }

  get urlOfLine(): string {
    return `http://127.0.0.1:${this.#line.port}`;
  }

  /** How many calls arrived. */
  get calls(): number {
    return this.#sandbox.calls.total;
  }

  /** How many of them had this prompt. */
  async callsOf(prompt: string): Promise<number> {
    const response = await fetch(`${this.url}/sandbox/calls?${new URLSearchParams({ prompt })}`);
    const { ofPrompt } = (await response.json()) as { readonly ofPrompt: number }; // the sandbox's own page
    return ofPrompt;
  }

  cutLine(): Promise<void> {
    return this.#line.cut();
  }

  mendLine(): Promise<void> {
    return this.#line.mend();
  }

  async stop(): Promise<void> {
    await this.#line.cut();
    await this.#sandbox.stop();
  }

  /** A plain area in a colour that depends on the prompt. It only matters that there is a picture, not what it shows. */
  #draw: Illustrate = async ({ prompt, pixels, format }) => {
    if (this.isWave) throw this.#overload;
    const [r = 0, g = 0, b = 0, slowness = 0] = createHash('sha256').update(prompt).digest();
    // It draws two at the same time, so that servers are killed while calls are under way.
    await pause(2 * slowness);
    return sharp({ create: { ...pixels, channels: 3, background: { r, g, b } } })
      .toFormat(format ?? 'jpeg')
      .toBuffer();
  };
}
