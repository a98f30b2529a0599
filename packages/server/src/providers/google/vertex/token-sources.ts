import { Readable } from 'node:stream';
import { z } from 'zod';
import type { Clock } from '../../../platform/clock.ts';
import { readText } from '../../read-answer.ts';
import { type Transport, TransportError, type UpstreamRequest } from '../../transport.ts';
import { quoteText } from '../../upstream-text.ts';
import { AccessError } from '../google-service.ts';
import type { AccessToken, FetchToken } from './access-tokens.ts';
import { readCredentialsFile, type ServiceAccountKey, signAssertion } from './credentials-file.ts';

interface Tools {
  readonly transport: Transport;
  readonly clock: Pick<Clock, 'now'>;
}

/** The tokens of a service account whose key is in a file. The file is read for each token, so that its key can be replaced. */
export function fromCredentialsFile(path: string, { transport, clock }: Tools): FetchToken {
  return async (signal) => {
    const key = await readCredentialsFile(path);
    const answer = await ask(transport, toAssertionRequest(key, clock.now(), signal));
    // Google refuses claims from the future or the past. When this machine's clock is wrong, Google's is used.
    const skewMs = Date.parse(answer.date ?? '') - clock.now();
    const isSkewed = answer.status === 400 && Math.abs(skewMs) > maxSkewMs;
    return toToken(isSkewed ? await ask(transport, toAssertionRequest(key, clock.now() + skewMs, signal)) : answer);
  };
}

const maxSkewMs = 60_000;

/** Where machines of Google Cloud find the tokens of their service account. */
const metadataUrl = 'http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token';

/** The tokens of the service account that the machine, container or pod on Google Cloud runs as. */
export function fromMetadataServer({ transport }: Pick<Tools, 'transport'>, url = metadataUrl): FetchToken {
  return async (signal) =>
    toToken(await ask(transport, { method: 'GET', url, headers: { 'metadata-flavor': 'Google' }, signal }));
}

function toAssertionRequest(key: ServiceAccountKey, now: number, signal: AbortSignal): UpstreamRequest {
  const assertion = signAssertion(key, now);
  const body = new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion }).toString();
  const headers = {
    accept: 'application/json',
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': String(body.length),
  };
  return { method: 'POST', url: key.token_uri, headers, body: Readable.from([Buffer.from(body)]), signal };
}

interface TokenAnswer {
  readonly status: number;
  readonly date: string | undefined;
  readonly host: string;
  readonly text: string;
}

async function ask(transport: Transport, request: UpstreamRequest): Promise<TokenAnswer> {
  const { host } = new URL(request.url);
  try {
    const { status, header, body } = await transport.send(request);
    return { status, date: header('date'), host, text: await readText(body, maxAnswerBytes) };
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    throw toUnreachable(host, error.code, error);
  }
}

const maxAnswerBytes = 2 ** 16;

const tokenSchema = z.object({ access_token: z.string().regex(/^[\x21-\x7e]+$/), expires_in: z.number().positive() });
const refusalSchema = z.object({ error: z.string().catch(''), error_description: z.string().catch('') });

function toToken({ status, host, text }: TokenAnswer): AccessToken {
  const value = parseJson(text);
  const { data: token } = tokenSchema.safeParse(value);
  if (status === 200 && token) return { value: token.access_token, lifetimeMs: token.expires_in * 1000 };
  const isRefused = status >= 400 && status < 500 && status !== 408 && status !== 429;
  if (!isRefused) throw toUnreachable(host, `HTTP ${status}`);
  const { error = '', error_description: description = '' } = refusalSchema.safeParse(value).data ?? {};
  const upstreamMessage = quoteText([error, description].filter(Boolean).join(': '), '');
  throw new AccessError({
    code: 'upstream_key_invalid',
    message: `${host} gave no access token for the service account: its key is wrong or revoked, or the machine has none (HTTP ${status}).`,
    ...(upstreamMessage && { upstreamMessage }),
  });
}

/** Nothing was sent to the model, so the call can be made once there are tokens again. */
function toUnreachable(host: string, what: string, cause?: unknown): AccessError {
  const message = `No access token could be fetched from ${host} (${what}); check the network and credentials_file.`;
  return new AccessError({ code: 'upstream_unreachable', message }, { cause });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
