import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { BusboyConfig, BusboyInstance } from '@fastify/busboy';
import { Problem } from '../../core/problem.ts';
import { createBodyTooLarge } from './body-problems.ts';

/** A parser of multipart/form-data, which is loaded with the first form. Rejects with the `Problem` of a body whose type names no boundary. */
export async function createFormParser(config: BusboyConfig): Promise<BusboyInstance> {
  const { Busboy } = await import('@fastify/busboy');
  try {
    return new Busboy(config);
  } catch {
    throw new Problem('invalid_request', 'The form has no boundary: name one in its Content-Type header.');
  }
}

/** Resolves when the parser has read all of the body. When it rejects, the rest of the body is read and dropped. */
export async function feedForm(parser: Writable, body: Readable, maxBytes: number): Promise<void> {
  const finished = once(parser, 'finish');
  // It is awaited below; an error before that is not unhandled, and nor are those that follow.
  finished.catch(() => undefined);
  parser.on('error', () => undefined);
  try {
    let bytes = 0;
    for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw createBodyTooLarge(maxBytes);
      if (!parser.write(chunk)) await Promise.race([once(parser, 'drain'), finished]);
    }
    parser.end();
    await finished;
  } catch (error) {
    body.resume();
    const problem = error instanceof Problem ? error : createBrokenForm();
    parser.emit('error', problem);
    throw problem;
  }
}

/** The refusal of a form that ends too early, or is none. */
export function createBrokenForm(): Problem {
  return new Problem('invalid_request', 'The form is broken or incomplete.');
}
