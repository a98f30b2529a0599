import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PictureOrder } from '@darkroom/illustrator';
import { firstTake } from '@darkroom/illustrator';
import sharp from 'sharp';
import { onTestFinished } from 'vitest';
import type { Illustrate } from '../src/picture.ts';
import { createSandboxServer, type SandboxServer, type SandboxServerOptions } from '../src/sandbox-server.ts';

/** A sandbox on a socket of its own, for the length of one test, with the client that the tests speak to it by. */
export interface Harness {
  readonly server: SandboxServer;
  readonly sleeps: ManualSleeps;
  /** What was asked of the illustrator. */
  readonly orders: Parameters<Illustrate>[0][];
  /** Every file and folder that lies in the spool folder below the server's own. */
  spooled(): Promise<string[]>;
  post(body: unknown, init?: PostInit): Promise<Response>;
  /** Asks for text and image with one prompt. */
  ask(prompt: string, init?: PostInit): Promise<Response>;
  get(path: string): Promise<Response>;
}

interface PostInit {
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
}

export const proPath = '/v1beta/models/gemini-3-pro-image:generateContent';

export async function startSandbox(options: Partial<SandboxServerOptions> = {}): Promise<Harness> {
  const spoolFolder = await mkdtemp(join(tmpdir(), 'sandbox-'));
  const sleeps = new ManualSleeps();
  const orders: Parameters<Illustrate>[0][] = [];
  const illustrate: Illustrate = (order) => {
    orders.push(order);
    return drawFlat(order);
  };
  const server = createSandboxServer({
    host: '127.0.0.1',
    port: 0,
    sleep: sleeps.sleep,
    illustrate,
    spoolFolder,
    ...options,
  });
  await server.start();
  onTestFinished(async () => {
    await server.stop();
    await rm(spoolFolder, { recursive: true });
  });
  const post = (body: unknown, { path = proPath, headers = { 'x-goog-api-key': 'any' }, signal }: PostInit = {}) =>
    fetch(`${server.url}${path}`, {
      method: 'POST',
      headers,
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...(signal && { signal }),
    });
  return {
    server,
    sleeps,
    orders,
    spooled: async () => (await readdir(spoolFolder, { recursive: true })).filter((name) => name.includes('/')),
    post,
    ask: (prompt, init) => post(toRequest(prompt), init),
    get: (path) => fetch(`${server.url}${path}`, { headers: { 'x-goog-api-key': 'any' } }),
  };
}

/** A request for text and image. */
export function toRequest(prompt: string, imageConfig: object = {}): object {
  return {
    contents: [{ role: 'user', parts: [{ text: prompt }] }],
    generationConfig: { responseModalities: ['TEXT', 'IMAGE'], imageConfig },
  };
}

/** An order for no picture in particular. */
export const nothing: Omit<PictureOrder, 'pixels'> = { prompt: '', edits: [], references: [], take: firstTake };

/** A picture of one colour, in the place of the illustrator's. */
export const drawFlat: Illustrate = ({ format = 'jpeg', pixels }) =>
  sharp({ create: { ...pixels, channels: 3, background: '#4a6' } })
    .toFormat(format)
    .toBuffer();

export interface AnswerBody {
  readonly candidates?: readonly {
    readonly content?: { readonly role: string; readonly parts?: readonly AnswerPart[] };
    readonly finishReason: string;
    readonly finishMessage?: string;
    readonly index: number;
  }[];
  readonly promptFeedback?: { readonly blockReason: string };
  readonly usageMetadata: Readonly<Record<string, unknown>>;
  readonly modelVersion: string;
  readonly responseId: string;
}

export interface AnswerPart {
  readonly text?: string;
  readonly inlineData?: { readonly mimeType: string; readonly data: string };
  readonly thought?: boolean;
  readonly thoughtSignature?: string;
}

export async function readAnswer(response: Response): Promise<AnswerBody> {
  // The tests that read it say what they expect of it.
  return (await response.json()) as AnswerBody;
}

export async function readParts(response: Response): Promise<readonly AnswerPart[]> {
  return (await readAnswer(response)).candidates?.[0]?.content?.parts ?? [];
}

/** The bytes of the parts that hold pictures. */
export function toPictures(parts: readonly AnswerPart[]): Buffer[] {
  return parts.flatMap(({ inlineData }) => (inlineData ? [Buffer.from(inlineData.data, 'base64')] : []));
}

export async function readError(response: Response) {
  const { error } = (await response.json()) as {
    error: { code: number; message: string; status: string; details?: object[] };
  };
  return error;
}

/** Sleeps that last until they are told that their time has passed. */
class ManualSleeps {
  #passedMs = 0;
  readonly #sleepers = new Set<{ readonly at: number; readonly wake: () => void }>();

  /** How many are under way. */
  get count(): number {
    return this.#sleepers.size;
  }

  sleep = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const wake = () => {
        this.#sleepers.delete(sleeper);
        resolve();
      };
      const sleeper = { at: this.#passedMs + ms, wake };
      this.#sleepers.add(sleeper);
      signal.addEventListener('abort', wake, { once: true });
    });

  /** Lets `ms` milliseconds pass, and wakes every sleep that is over. */
  pass(ms: number): void {
    this.#passedMs += ms;
    for (const { at, wake } of [...this.#sleepers]) if (at <= this.#passedMs) wake();
  }
}
