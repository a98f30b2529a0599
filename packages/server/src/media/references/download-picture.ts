import type { Dispatcher } from 'undici';
import { checkTarget, type FetchTarget, type TargetRules } from '../../outbound/fetch-target.ts';
import { toConnectionFailure } from '../../outbound/network-failure.ts';
import { OutboundFailure } from '../../outbound/outbound-failure.ts';
import { createPinnedClient } from '../../outbound/pinned-client.ts';
import type { Clock } from '../../platform/clock.ts';
import type { FetchLimits } from './fetch-limits.ts';
import { ReferenceFailure } from './reference-failure.ts';
import { acceptEncoding, readBody } from './response-body.ts';
import { type SpooledPicture, spoolPicture } from './spool-picture.ts';

export interface DownloadContext {
  readonly folder: string;
  readonly rules: TargetRules;
  readonly limits: FetchLimits;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * One try: from the URL, over its redirects, to a file. Every hop is checked like the first and has its own connection.
 * Rejects with `OutboundFailure` or with the error of the disk, and then leaves no file behind; when `signal` aborts,
 * it rejects with either.
 */
export async function downloadPicture(url: string, context: DownloadContext): Promise<SpooledPicture> {
  const { maxRedirects } = context.limits;
  let next = url;
  for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
    const target = await checkHop(next, redirects, context);
    const result = await visit(target, context);
    if (result.kind === 'picture') return result.picture;
    next = result.location;
  }
  throw new ReferenceFailure(`it redirects more than ${maxRedirects} times`);
}

async function checkHop(url: string, redirects: number, { rules, signal }: DownloadContext): Promise<FetchTarget> {
  signal.throwIfAborted();
  return await checkTarget(url, rules, signal).catch((error: unknown) => {
    if (redirects === 0 || !(error instanceof OutboundFailure)) throw error;
    const { message, isTransient } = error;
    const reason = `it redirects to a URL that cannot be fetched: ${message}`;
    throw new ReferenceFailure(reason, { isTransient, cause: error });
  });
}

type Visit =
  | { readonly kind: 'picture'; readonly picture: SpooledPicture }
  | { readonly kind: 'redirect'; readonly location: string };

async function visit(target: FetchTarget, context: DownloadContext): Promise<Visit> {
  const { folder, limits, signal } = context;
  const client = await createPinnedClient(target, limits);
  try {
    const { origin, pathname, search } = target.url;
    const response = await client
      .request({ method: 'GET', origin, path: pathname + search, headers: requestHeaders, signal })
      .catch((error: unknown) => {
        throw toConnectionFailure(error);
      });
    // The reader of the body gets its errors; a body that nobody reads also has errors when the client closes.
    response.body.on('error', () => {});
    const location = toLocation(response, target.url);
    if (location !== undefined) return { kind: 'redirect', location };
    if (response.statusCode !== 200) throw toStatusFailure(response, context.clock.now());
    const contentEncoding = toText(response.headers['content-encoding']);
    const contentLength = toText(response.headers['content-length']);
    const body = readBody(response.body, { contentEncoding, contentLength }, limits.maxBytes);
    return { kind: 'picture', picture: await spoolPicture(body, { folder, maxBytes: limits.maxBytes }) };
  } finally {
    await client.destroy();
  }
}

const requestHeaders = {
  accept: 'image/png, image/jpeg, image/webp, image/heic, image/heif, image/*;q=0.5, */*;q=0.1',
  'accept-encoding': acceptEncoding,
  'user-agent': 'Darkroom',
};

const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

function toLocation({ statusCode, headers }: Dispatcher.ResponseData, base: URL): string | undefined {
  const location = toText(headers['location']);
  if (!redirectStatuses.has(statusCode) || location === undefined) return undefined;
  // The client reads headers as Latin-1; servers that do not encode a path write it as UTF-8.
  const url = URL.parse(Buffer.from(location, 'latin1').toString(), base.href);
  if (!url) throw new ReferenceFailure('it redirects to something that is not a URL');
  return url.href;
}

function toStatusFailure({ statusCode, headers }: Dispatcher.ResponseData, now: number): ReferenceFailure {
  const reason = `the server answered ${statusCode}`;
  if (statusCode !== 429 && statusCode < 500) return new ReferenceFailure(reason);
  return new ReferenceFailure(reason, {
    isTransient: true,
    isBusy: statusCode === 429 || statusCode === 503,
    retryAfterMs: parseRetryAfter(toText(headers['retry-after']), now),
  });
}

/** Seconds or an HTTP date. */
function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isNaN(ms) ? undefined : ms;
}

function toText(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(', ') : header;
}
