import type { Failure } from '../../core/failures.ts';
import type { FailureRow } from '../http-failure.ts';
import type { ImageCall } from '../image-model.ts';

/**
 * Where Google's models are, and who calls them: AI Studio with an API key, or Vertex AI with a service account. Both answer
 * `generateContent` alike.
 */
export interface GoogleService {
  /** The address of a model; the names of its methods follow a colon. */
  toModelUrl(upstreamModel: string): string;
  /** A call that makes no picture, costs nothing, and fails as a call for a picture would. */
  toCheck(upstreamModel: string): ServiceCheck;
  /**
   * The address of the API's own resources, such as files and batch jobs, without a slash at its end; `prefix` comes before the
   * version, e.g. `upload/`. Missing: the service has none that can be used.
   */
  toRootUrl?(prefix?: string): string;
  /** The body of `generateContent`. */
  toBody(call: ImageCall): unknown;
  /** How the headers name a service tier, where the body does not. */
  toTierHeaders?(tier: ImageCall['serviceTier']): Readonly<Record<string, string>>;
  /**
   * Proves who calls. Rejects with `AccessError` when that fails, and with `TransportError` when `signal` ends it; the call was not
   * sent then.
   */
  authorize(signal: AbortSignal): Promise<Access>;
  /** What only this service's HTTP errors mean; these rows come before those of both. */
  readonly failureRows: readonly FailureRow[];
  /** Closes the connections that are the service's own. */
  close(): Promise<void>;
}

export interface ServiceCheck {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  /** JSON. */
  readonly body?: string;
}

export interface Access {
  readonly headers: Readonly<Record<string, string>>;
  /** What no failure may quote. */
  readonly secret: string;
  /** Called when the upstream has refused it, so that the next call proves anew who calls. */
  readonly discard?: () => void;
}

/** Nobody can call the upstream at the moment. */
export class AccessError extends Error {
  override readonly name = 'AccessError';
  readonly failure: Failure;

  constructor(failure: Failure, options?: ErrorOptions) {
    super(failure.message, options);
    this.failure = failure;
  }
}
