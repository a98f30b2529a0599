import type { ModelSpec } from '../models/model-spec.ts';
import type { Clock } from '../platform/clock.ts';
import type { ImageModel, TurnRules } from './image-model.ts';

/**
 * A vendor, whole: its models, how it counts, what its turns may be, and the way to call it. Its folder exports one such object,
 * which the list in compose/ names; nothing else of the server knows the vendor.
 */
export interface Provider {
  /** What its models and the operator's upstreams name, e.g. `google`. */
  readonly name: string;
  readonly models: readonly ModelSpec[];
  /** At whose midnight its quotas of a day come back. */
  readonly quotaTimeZone: string;
  readonly turnRules: TurnRules;
  /** Makes no call. `account` is read again at every call, so it may be known late. */
  connect(account: Account, tools: ProviderTools): ConnectedModel;
}

/** One account of an operator's. */
export interface Account {
  /** A secret. */
  readonly apiKey: string;
  /** Scheme, host and, behind a relay, a path; missing: the provider's own. */
  readonly baseUrl?: string;
  /** Of the provider's API; missing: the one that the provider knows best. */
  readonly apiVersion?: string;
}

export interface ProviderTools {
  readonly clock: Clock;
}

export interface ConnectedModel extends ImageModel {
  /** Closes the connections; calls that are under way fail. */
  close(): Promise<void>;
}
