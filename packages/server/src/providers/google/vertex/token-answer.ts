import { Readable } from 'node:stream';
import { z } from 'zod';
import type { Clock } from '../../../platform/clock.ts';
import { hideOpaqueWords } from '../../../platform/opaque-words.ts';
import { readText } from '../../read-answer.ts';
import { type Transport, TransportError, type UpstreamRequest } from '../../transport.ts';
import { quoteText } from '../../upstream-text.ts';
import { AccessError } from '../google-service.ts';
import type { AccessToken } from './access-tokens.ts';

/** What it takes to ask for a token. */
export interface Fetching {
  readonly transport: Transport;
  readonly clock: Pick<Clock, 'now'>;
  readonly signal: AbortSignal;
}

/** The whole answer of a service that gives tokens. */
export interface TokenAnswer {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  readonly host: string;
  readonly text: string;
}

/** Rejects with the `AccessError` of a host that cannot be reached. */
export async function ask(transport: Transport, request: UpstreamRequest): Promise<TokenAnswer> {
  const { host } = new URL(request.url);
  try {
    const { status, header, body } = await transport.send(request);
    return { status, header, host, text: await readText(body, maxAnswerBytes) };
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    throw toUnreachable(host, error.code, error);
  }
}

const maxAnswerBytes = 2 ** 16;

/** Asks by a form, as OAuth does. */
export function postForm(
  url: string,
  form: Readonly<Record<string, string>>,
  fetching: Fetching,
): Promise<TokenAnswer> {
  const body = new URLSearchParams(form).toString();
  return post({ url, body, headers: { 'content-type': 'application/x-www-form-urlencoded' } }, fetching);
}

interface Post {
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export function post({ url, body, headers: own }: Post, { transport, signal }: Fetching): Promise<TokenAnswer> {
  const bytes = Buffer.from(body);
  const headers = { accept: 'application/json', ...own, 'content-length': String(bytes.length) };
  return ask(transport, { method: 'POST', url, headers, body: Readable.from([bytes]), signal });
}

const tokenSchema = z.object({ access_token: z.string().regex(/^[\x21-\x7e]+$/), expires_in: z.number().positive() });
const refusalSchema = z.object({ error: z.string().catch(''), error_description: z.string().catch('') });

/** The token of an answer. Throws the `AccessError` of one that holds none. */
export function toToken(answer: TokenAnswer): AccessToken {
  const { data: token } = tokenSchema.safeParse(parseJson(answer.text));
  if (answer.status === 200 && token) return { value: token.access_token, lifetimeMs: token.expires_in * 1000 };
  throw toRefusal(answer);
}

/** What it means that there is no token in an answer. */
export function toRefusal({ status, host, text }: TokenAnswer): AccessError {
  const isRefused = status >= 400 && status < 500 && status !== 408 && status !== 429;
  if (!isRefused) return toUnreachable(host, `HTTP ${status}`);
  const { error = '', error_description: description = '' } = refusalSchema.safeParse(parseJson(text)).data ?? {};
  const upstreamMessage = quoteText(hideOpaqueWords([error, description].filter(Boolean).join(': ')), '');
  return new AccessError({
    code: 'upstream_key_invalid',
    message: `${host} gave no access token: the credentials are wrong or revoked, or the machine has no service account (HTTP ${status}).`,
    ...(upstreamMessage && { upstreamMessage }),
  });
}

/** Nothing was sent to the model, so the call can be made once there are tokens again. */
function toUnreachable(host: string, what: string, cause?: unknown): AccessError {
  const message = `No access token could be fetched from ${host} (${what}); check the network and credentials_file.`;
  return new AccessError({ code: 'upstream_unreachable', message }, { cause });
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
