import { sandboxUpstream, type UpstreamLimits } from '../core/upstreams.ts';
import type { SettingOutputs } from './settings.ts';
import type { UpstreamEntry } from './upstreams-setting.ts';

/** An upstream that makes pictures, with its key and limits. */
export type UpstreamConfig = SandboxConfig | AccountConfig;

export interface SandboxConfig {
  readonly kind: 'sandbox';
  readonly name: typeof sandboxUpstream;
  readonly limits: UpstreamLimits;
  /** Whether the operator chose the sandbox. Otherwise it draws because no key is set. */
  readonly isChosen: boolean;
  /** Of the Gemini API, which the sandbox speaks. */
  readonly apiVersion: string;
}

/** One account of a provider. */
export interface AccountConfig {
  readonly kind: 'account';
  readonly name: string;
  readonly provider: string;
  /** The public ids of the models that it serves; missing: all of its provider. */
  readonly models?: readonly string[];
  /** Those with a lower order are called first; missing: 0. */
  readonly order?: number;
  readonly limits: UpstreamLimits;
  /** Empty where the account has none. */
  readonly apiKey: string;
  /** Of Google Cloud. */
  readonly project?: string;
  readonly location?: string;
  readonly credentialsFile?: string;
  readonly personGeneration?: string;
  /** From which it reads references itself. */
  readonly buckets?: readonly string[];
  /** Missing: the provider's own. */
  readonly baseUrl?: string;
  readonly apiVersion?: string;
}

/** The upstreams of the settings; `undefined` when the settings contradict each other. Then `problems` says how. */
export function toUpstreams(values: SettingOutputs, problems: string[]): readonly UpstreamConfig[] | undefined {
  const { DARKROOM_UPSTREAM: kind, DARKROOM_UPSTREAMS: entries } = values;
  const apiKey = values.GEMINI_API_KEY ?? values.GOOGLE_API_KEY;
  if (entries && apiKey !== undefined) {
    const name = values.GEMINI_API_KEY === undefined ? 'GOOGLE_API_KEY' : 'GEMINI_API_KEY';
    problems.push(`DARKROOM_UPSTREAMS and ${name} are both set: leave one out, or make the key an entry of the list`);
    return undefined;
  }
  if (kind === 'google' && !entries && apiKey === undefined) {
    problems.push('DARKROOM_UPSTREAM is google, which needs GEMINI_API_KEY or DARKROOM_UPSTREAMS');
    return undefined;
  }
  if (kind !== 'sandbox' && entries) return entries.map((entry) => toAccount(entry, values));
  if (kind !== 'sandbox' && apiKey !== undefined) return [toAccount({ name: 'google', api_key: apiKey }, values)];
  const apiVersion = values.GEMINI_API_VERSION;
  return [{ kind: 'sandbox', name: sandboxUpstream, limits: {}, isChosen: kind === 'sandbox', apiVersion }];
}

function toAccount(entry: UpstreamEntry, values: SettingOutputs): AccountConfig {
  const { name, provider = google, models, order, api_key: apiKey = '', base_url: baseUrl } = entry;
  return {
    kind: 'account',
    name,
    provider,
    ...(models && { models }),
    ...(order !== undefined && { order }),
    limits: toLimits(entry),
    apiKey,
    ...toCloud(entry),
    ...(provider === google && { baseUrl: values.GEMINI_BASE_URL, apiVersion: values.GEMINI_API_VERSION }),
    ...(baseUrl !== undefined && { baseUrl }),
  };
}

function toCloud({ project, location, credentials_file: file, person_generation: people, buckets }: UpstreamEntry) {
  return {
    ...(project !== undefined && { project }),
    ...(location !== undefined && { location }),
    ...(file !== undefined && { credentialsFile: file }),
    ...(people !== undefined && { personGeneration: people }),
    ...(buckets && { buckets }),
  };
}

/** Whose settings begin with GEMINI_; entries that name no provider are its accounts. */
const google = 'google';

function toLimits(entry: UpstreamEntry): UpstreamLimits {
  const { concurrency, requests_per_minute: minute, images_per_minute: images } = entry;
  const { requests_per_day: day, dollars_per_ten_minutes: dollars } = entry;
  return {
    ...(concurrency !== undefined && { concurrency }),
    ...(minute !== undefined && { requestsPerMinute: minute }),
    ...(images !== undefined && { imagesPerMinute: images }),
    ...(day !== undefined && { requestsPerDay: day }),
    ...(dollars !== undefined && { microsPerTenMinutes: Math.round(dollars * 1e6) }),
  };
}
