import type { SpoolFile } from '@darkroom/json-stream';
import type { FailureCode } from '../../core/failures.ts';
import { AllowedHosts } from '../../outbound/allowed-hosts.ts';
import type { TargetRules } from '../../outbound/fetch-target.ts';
import type { Lookup } from '../../outbound/lookup.ts';
import { OutboundFailure } from '../../outbound/outbound-failure.ts';
import type { Proxies } from '../../outbound/proxies.ts';
import type { Chance } from '../../platform/chance.ts';
import type { Clock } from '../../platform/clock.ts';
import type { ImageType } from '../sniff-image-type.ts';
import { downloadPicture } from './download-picture.ts';
import { defaultFetchLimits, type FetchLimits } from './fetch-limits.ts';
import { ReferenceFailure } from './reference-failure.ts';
import type { SpooledPicture } from './spool-picture.ts';

/**
 * Fetches the pictures that users refer to, without letting users misuse Darkroom for other calls. A URL is checked
 * where it leads and reached at exactly the addresses that were checked (`outbound/`), read within limits
 * (`response-body.ts`), and judged by its bytes on the way into a file (`spool-picture.ts`).
 */
export interface ReferenceFetcher {
  /**
   * Downloads a picture into a new file of `folder`, an existing folder, under a name that cannot be guessed. Only the
   * public internet is reached, except for hosts that are allowed. Temporary failures are retried. Without a picture,
   * no file is left behind. Rejects with the signal's reason when `signal` aborts, with an `AbortError` when the
   * fetcher is closed, and with the error of the disk when the file cannot be written.
   */
  fetch(url: string, options: FetchOptions): Promise<FetchedReference>;

  /** Ends every download that is under way, and resolves when none is running. */
  close(): Promise<void>;
}

export interface FetchOptions {
  readonly folder: string;
  readonly signal: AbortSignal;
}

export type FetchedReference =
  | { readonly kind: 'fetched'; readonly file: SpoolFile; readonly mimeType: ImageType }
  /** `reason` ends a sentence: "… could not be used: the server answered 404". It contains no URL and no address. */
  | FailedReference;

export interface FailedReference {
  readonly kind: 'failed';
  readonly reason: string;
  /** `reference_unavailable` when missing. */
  readonly code?: FailureCode;
  /** The shortest time to wait before the next try, if the server named one. */
  readonly retryAfterMs?: number;
}

export interface ReferenceFetcherOptions {
  /**
   * `host` or `host:port`: the host may be private, and may use any port or only that one. Throws a `TypeError` for
   * anything else.
   */
  readonly allowPrivateHosts: readonly string[];
  readonly clock: Clock;
  readonly chance: Chance;
  /** Replaces both ways of looking up names. */
  readonly lookup?: Lookup;
  /** Missing: every download goes directly. */
  readonly proxies?: Proxies | undefined;
  readonly limits?: Partial<FetchLimits>;
}

export function createReferenceFetcher(options: ReferenceFetcherOptions): ReferenceFetcher {
  return new HttpReferenceFetcher(options);
}

class HttpReferenceFetcher implements ReferenceFetcher {
  readonly #limits: FetchLimits;
  readonly #rules: TargetRules;
  readonly #clock: Clock;
  readonly #chance: Chance;
  readonly #closing = new AbortController();
  readonly #underWay = new Set<Promise<unknown>>();

  constructor({ allowPrivateHosts, clock, chance, lookup, proxies, limits }: ReferenceFetcherOptions) {
    this.#limits = { ...defaultFetchLimits, ...limits };
    this.#rules = {
      purpose: 'references',
      allowedHosts: new AllowedHosts(allowPrivateHosts),
      ports: this.#limits.ports,
      lookup,
      proxies,
    };
    this.#clock = clock;
    this.#chance = chance;
  }

  async fetch(url: string, options: FetchOptions): Promise<FetchedReference> {
    const fetching = this.#fetch(url, options);
    this.#underWay.add(fetching);
    return await fetching.finally(() => this.#underWay.delete(fetching));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#underWay);
  }

  async #fetch(url: string, { folder, signal }: FetchOptions): Promise<FetchedReference> {
    const deadline = AbortSignal.timeout(this.#limits.totalMs);
    const outside = AbortSignal.any([signal, this.#closing.signal]);
    try {
      const picture = await this.#tryOften(url, folder, AbortSignal.any([outside, deadline]));
      return { kind: 'fetched', ...picture };
    } catch (error) {
      outside.throwIfAborted();
      if (deadline.aborted)
        return { kind: 'failed', reason: `it took longer than ${this.#limits.totalMs / 1000} seconds` };
      if (error instanceof OutboundFailure) return toFailed(error);
      throw error;
    }
  }

  async #tryOften(url: string, folder: string, signal: AbortSignal): Promise<SpooledPicture> {
    const context = { folder, signal, rules: this.#rules, limits: this.#limits, clock: this.#clock };
    for (let tries = 1; ; tries += 1) {
      try {
        return await downloadPicture(url, context);
      } catch (error) {
        const waitMs = error instanceof OutboundFailure ? this.#toWait(error, tries) : undefined;
        if (waitMs === undefined) throw error;
        await this.#clock.sleep(waitMs, signal);
      }
    }
  }

  /** How long to wait before the next try; `undefined` when there is none. */
  #toWait(failure: OutboundFailure, tries: number): number | undefined {
    const { maxTries, maxRetryAfterMs } = this.#limits;
    const { retryAfterMs = 0 } = failure instanceof ReferenceFailure ? failure : {};
    if (!failure.isTransient || tries >= maxTries || retryAfterMs > maxRetryAfterMs) return undefined;
    return Math.max(retryAfterMs, Math.round(this.#chance() * backoffMs * 2 ** tries));
  }
}

const backoffMs = 250;

function toFailed(failure: OutboundFailure): FailedReference {
  const failed = { kind: 'failed', reason: failure.message } as const;
  if (!(failure instanceof ReferenceFailure && failure.isBusy)) return failed;
  const { retryAfterMs } = failure;
  return { ...failed, code: 'reference_busy', ...(retryAfterMs !== undefined && { retryAfterMs }) };
}
