import { Readable } from 'node:stream';
import { checkTarget, type TargetRules } from '../../outbound/fetch-target.ts';
import { toConnectionFailure } from '../../outbound/network-failure.ts';
import { OutboundFailure } from '../../outbound/outbound-failure.ts';
import { createPinnedClient } from '../../outbound/pinned-client.ts';
import type { SignedMessage } from './signed-message.ts';

/** The result of one POST. */
export type Posted =
  | {
      readonly kind: 'answered';
      readonly httpStatus: number;
      /** The first KB of its text. */
      readonly answer: string;
    }
  /** `reason` ends a sentence: "… could not be delivered: its host name does not exist". */
  | { readonly kind: 'unanswered'; readonly reason: string };

export interface PostOptions {
  readonly rules: TargetRules;
  /** For everything together: lookup, connection and answer. */
  readonly timeoutMs: number;
  /** Aborts it early; it then counts as unanswered. */
  readonly signal: AbortSignal;
}

/** How much of an answer is read, so that a well-meant answer does not end in a broken connection. */
const maxAnswerBytes = 64 * 1024;
const keptAnswerBytes = 1024;
const maxHeaderBytes = 16 * 1024;

/** Posts a message to its URL, without following redirects. Never rejects because of the receiver. */
export async function postMessage(url: string, message: SignedMessage, options: PostOptions): Promise<Posted> {
  const deadline = AbortSignal.timeout(options.timeoutMs);
  const signal = AbortSignal.any([options.signal, deadline]);
  try {
    return await post(url, message, { ...options, signal });
  } catch (error) {
    if (options.signal.aborted) return { kind: 'unanswered', reason: 'Darkroom shut down before it was answered' };
    if (deadline.aborted)
      return { kind: 'unanswered', reason: `the receiver took longer than ${options.timeoutMs / 1_000} seconds` };
    if (error instanceof OutboundFailure) return { kind: 'unanswered', reason: error.message };
    throw error;
  }
}

async function post(url: string, { headers, body }: SignedMessage, { rules, timeoutMs, signal }: PostOptions) {
  const target = await checkTarget(url, rules, signal);
  const limits = { connectMs: timeoutMs, stallMs: timeoutMs, maxHeaderBytes };
  const client = await createPinnedClient(target, limits);
  try {
    const { origin, pathname, search } = target.url;
    const response = await client
      .request({ method: 'POST', origin, path: pathname + search, headers, body: Readable.from(body()), signal })
      .catch((error: unknown) => {
        throw toConnectionFailure(error);
      });
    return {
      kind: 'answered',
      httpStatus: response.statusCode,
      answer: await readAnswer(response.body),
    } as const;
  } finally {
    await client.destroy();
  }
}

/** The status decides the result. If the text breaks off, the part that arrived is enough. */
async function readAnswer(body: Readable): Promise<string> {
  const kept: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body) {
      const piece: Buffer = chunk; // undici gives bodies as buffers
      if (bytes < keptAnswerBytes) kept.push(piece.subarray(0, keptAnswerBytes - bytes));
      bytes += piece.length;
      if (bytes >= maxAnswerBytes) break;
    }
  } catch {
    body.destroy();
  }
  // Decoded as a stream, so that a character that is cut in two is left out.
  return new TextDecoder().decode(Buffer.concat(kept), { stream: true });
}
