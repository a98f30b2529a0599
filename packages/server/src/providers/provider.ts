import type { ServiceTier } from '@darkroom/protocol';
import type { ModelEntry, ModelTemplate } from '../models/create-model-spec.ts';
import type { Retirement } from '../models/model-spec.ts';
import type { Proxies } from '../outbound/proxies.ts';
import type { Clock } from '../platform/clock.ts';
import type { BatchingModel } from './batch-model.ts';
import type { TurnRules } from './image-model.ts';

/**
 * Everything about a vendor: its models, how it counts, what its turns may be, and how to call it. Its folder exports one such
 * object, which the list in compose/ names; nothing else of the server knows the vendor.
 */
export interface Provider {
  /** The name by which its models and the operator's upstreams refer to it. */
  readonly name: string;
  /** Its name in the GenAI conventions of OpenTelemetry; missing: the same. */
  readonly genAiName?: string;
  /** In the order in which callers are shown them. An operator may change each of them. */
  readonly models: readonly ModelEntry[];
  /** What a model that an operator adds has where its entry says nothing. */
  readonly modelTemplate: ModelTemplate;
  /** The ids of models that it no longer has, so that callers who name them learn what to call instead. */
  readonly retiredModels?: Readonly<Record<string, Retirement>>;
  /** The provider whose models its upstreams serve, in addition to its own. */
  readonly servesModelsOf?: string;
  /** Beside the standard one, those that its calls can ask for; missing: none. */
  readonly serviceTiers?: readonly ServiceTier[];
  /** Why its upstreams make no batch jobs, as the end of a sentence; missing: they make them. */
  readonly noBatchJobs?: string;
  /** The time zone at whose midnight its daily quotas are reset. */
  readonly quotaTimeZone: string;
  readonly turnRules: TurnRules;
  /** Where the sandbox speaks its API, if that is not the root. */
  readonly sandboxPath?: string;
  /** Makes no call. `account` is read again at every call, so it may be known late. */
  connect(account: Account, tools: ProviderTools): ConnectedModel;
}

/** One account of an operator. */
export interface Account {
  /** A secret. Empty where the account has none. */
  readonly apiKey: string;
  /** Scheme, host and, behind a relay, a path; missing: the provider's default. */
  readonly baseUrl?: string;
  /** The version of the provider's API; missing: the provider's default. */
  readonly apiVersion?: string;
  /** Where the provider bills projects and has locations; missing: the provider's default. */
  readonly project?: string;
  readonly location?: string;
  /** The file that proves who calls, where no key does; missing: the machine itself does. */
  readonly credentialsFile?: string;
  /** Which people pictures may show, where the provider lets an account choose; missing: its default. */
  readonly personGeneration?: string;
}

export interface ProviderTools {
  readonly clock: Clock;
  /** Which calls go through a proxy of the operator. Missing: every call goes directly. */
  readonly proxies?: Proxies;
}

export interface ConnectedModel extends BatchingModel {
  /** Closes the connections; calls under way fail. */
  close(): Promise<void>;
}
