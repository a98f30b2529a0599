import type { Clock } from '../../../platform/clock.ts';
import { TransportError } from '../../transport.ts';

export interface AccessToken {
  readonly value: string;
  readonly lifetimeMs: number;
  /** The project that pays for the calls of a user, who belongs to none. */
  readonly quotaProject?: string;
}

/** Fetches a new token, or rejects with `AccessError`. */
export type FetchToken = (signal: AbortSignal) => Promise<AccessToken>;

/** Long before its end, so that a token service that is down for some minutes delays no call. */
const renewMs = 300_000;
/** With less time left, a token may be refused when it arrives. */
const leastMs = 30_000;
const fetchTimeoutMs = 15_000;

/** The access token of an account, fetched when it is first needed and renewed before its end. All calls share one fetch. */
export class AccessTokens {
  readonly #fetchToken: FetchToken;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #closing = new AbortController();
  #held: { readonly token: AccessToken; readonly endsAt: number } | undefined;
  #fetching: Promise<AccessToken> | undefined;

  constructor(fetchToken: FetchToken, clock: Pick<Clock, 'now'>) {
    this.#fetchToken = fetchToken;
    this.#clock = clock;
  }

  /** Rejects as `FetchToken` does, and with `TransportError` when `signal` ends the wait. */
  async get(signal: AbortSignal): Promise<AccessToken> {
    const held = this.#held;
    const leftMs = held ? held.endsAt - this.#clock.now() : 0;
    if (held && leftMs > renewMs) return held.token;
    this.#fetching ??= this.#fetch().finally(() => {
      this.#fetching = undefined;
    });
    if (!held || leftMs <= leastMs) return await untilAborted(this.#fetching, signal);
    // When this fails, the next call tries again; nobody has to know while there is a token.
    this.#fetching.catch(() => {});
    return held.token;
  }

  /** The upstream refused this token: the next call fetches another. */
  discard(value: string): void {
    if (this.#held?.token.value === value) this.#held = undefined;
  }

  close(): void {
    this.#closing.abort();
  }

  async #fetch(): Promise<AccessToken> {
    const startedAt = this.#clock.now();
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(fetchTimeoutMs)]);
    const token = await this.#fetchToken(signal);
    this.#held = { token, endsAt: startedAt + token.lifetimeMs };
    return token;
  }
}

async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(new TransportError(signal.reason, false));
  signal.addEventListener('abort', abort);
  if (signal.aborted) abort();
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
