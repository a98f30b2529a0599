import { Readable } from 'node:stream';
import { encodeJson } from '@darkroom/json-stream';
import type { Dispatcher } from 'undici';
import { z } from 'zod';
import type { ToMediaAddress } from '../core/media-url.ts';
import { signMessage, type WebhookMessage } from '../events/webhooks/signed-message.ts';
import { createDispatcher } from '../outbound/dispatcher.ts';
import type { Proxies } from '../outbound/proxies.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { ModeratedPicture, Moderation, Ruling } from './moderation.ts';
import { toPictureQuestion, toRequestQuestion } from './question.ts';

export interface ModerationHookOptions {
  /** The operator's own address: it may be private. */
  readonly url: string;
  /** Signs the questions, as webhooks are signed: `whsec_` and base64. */
  readonly secret?: string | undefined;
  /** For connection, question and answer together. */
  readonly timeoutMs: number;
  /** What is not answered is allowed; otherwise it waits. */
  readonly failOpen: boolean;
  readonly asksPictures: boolean;
  readonly toAddress: ToMediaAddress;
  readonly proxies: Proxies;
  /** The clock of the machine, by which questions are signed. */
  readonly machine: Pick<Clock, 'now'>;
  readonly logger: Logger;
}

export interface ModerationHook extends Moderation {
  /** Closes the connections; questions under way stay unanswered. */
  close(): Promise<void>;
}

/**
 * The room of moderation: an address of the operator's that is asked what may be made and served (`moderation.ts`). A question
 * is one signed POST (`question.ts`), without redirects and repetitions. The worker asks, and decides what a ruling means for the
 * request.
 */
export function createModerationHook(options: ModerationHookOptions): ModerationHook {
  const { url, proxies, asksPictures, toAddress } = options;
  const connections = { headersTimeout: options.timeoutMs, bodyTimeout: options.timeoutMs, allowH2: false };
  const dispatcher = createDispatcher(connections, proxies.find(new URL(url)));
  return {
    askAboutRequest: (subject, signal) => {
      const { id: requestId, attempt } = subject.request;
      const question = toRequestQuestion(subject, toAddress);
      return ask({ id: `${requestId}-${attempt}`, requestId, question, signal }, dispatcher, options);
    },
    ...(asksPictures && {
      askAboutPicture: (picture: ModeratedPicture, signal: AbortSignal) => {
        const { id: requestId, attempt } = picture.request;
        const id = `${requestId}-${attempt}-${picture.imageIndex}`;
        const question = toPictureQuestion(picture, toAddress);
        return ask({ id, requestId, question, signal }, dispatcher, options);
      },
    }),
    close: () => dispatcher.destroy(),
  };
}

interface Question {
  /** The `webhook-id` of the message. */
  readonly id: string;
  readonly requestId: string;
  /** Becomes JSON. */
  readonly question: object;
  readonly signal: AbortSignal;
}

async function ask(asked: Question, dispatcher: Dispatcher, options: ModerationHookOptions): Promise<Ruling> {
  const { failOpen, logger } = options;
  const about = { request_id: asked.requestId, webhook_id: asked.id };
  try {
    const ruling = await post(asked, dispatcher, options);
    if (ruling.kind !== 'allowed') logger.info({ event: `moderation.${ruling.kind}`, ...about });
    return ruling;
  } catch (error) {
    if (asked.signal.aborted) return { kind: 'unanswered' };
    logger.warn({ event: 'moderation.unanswered', ...about, is_allowed: failOpen, err: error });
    return { kind: failOpen ? 'allowed' : 'unanswered' };
  }
}

/** Rejects when there is no usable answer. */
async function post(asked: Question, dispatcher: Dispatcher, options: ModerationHookOptions): Promise<Ruling> {
  const { url, secret, timeoutMs, machine } = options;
  const secrets = secret === undefined ? [] : [secret];
  const { body, headers } = await signMessage(toMessage(asked), { secrets, now: machine.now() });
  const { origin, pathname, search } = new URL(url);
  const response = await dispatcher.request({
    method: 'POST',
    origin,
    path: pathname + search,
    headers,
    body: Readable.from(body()),
    signal: AbortSignal.any([asked.signal, AbortSignal.timeout(timeoutMs)]),
  });
  const text = await readAnswer(response.body);
  const { statusCode: status } = response;
  if (status < 200 || status > 299) throw new Error(`The moderation hook answered ${status}.`);
  const answer = answerSchema.safeParse(parseJson(text));
  if (!answer.success) throw new Error('The answer of the moderation hook has no verdict.');
  return toRuling(answer.data);
}

/** `undefined` for what is no JSON: its text may quote a prompt, which no log may contain. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function toMessage({ id, question }: Question): WebhookMessage {
  const encoded = encodeJson(question);
  return {
    id,
    body: async function* () {
      const decoder = new TextDecoder();
      for await (const chunk of encoded.chunks()) yield decoder.decode(chunk, { stream: true });
    },
  };
}

const maxAnswerBytes = 64 * 1024;

async function readAnswer(body: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    const piece: Buffer = chunk; // undici gives bodies as buffers
    bytes += piece.length;
    if (bytes > maxAnswerBytes) throw new Error('The answer of the moderation hook is too long.');
    chunks.push(piece);
  }
  return Buffer.concat(chunks).toString();
}

const answerSchema = z.looseObject({
  verdict: z.enum(['allow', 'block', 'flag']),
  reason: z.string().optional(),
});

const maxReasonLength = 500;

function toRuling({ verdict, reason: given }: z.infer<typeof answerSchema>): Ruling {
  if (verdict === 'allow') return { kind: 'allowed' };
  const kind = verdict === 'block' ? 'blocked' : 'flagged';
  const reason = given?.trim().slice(0, maxReasonLength) || `The moderation of this service ${kind} it.`;
  return { kind, reason };
}
