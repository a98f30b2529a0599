import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { z } from 'zod';
import type { Facts } from '../core/audit.ts';
import type { GatheringRules } from '../core/batch-jobs.ts';
import type { Retention } from '../core/retention.ts';
import { isInstalled } from '../platform/installation.ts';
import type { LogLevel } from '../platform/log-levels.ts';
import { toUserDataFolder } from './data-folder.ts';
import { toHarmless } from './harmless.ts';
import type { ModelSetting } from './models-setting.ts';
import { type ModerationConfig, toModeration } from './moderation.ts';
import type { ProxyConfig } from './proxy-settings.ts';
import { type Setting, type SettingName, type SettingOutputs, settingNames, settings } from './settings.ts';
import { type SignInConfig, toSignIn } from './sign-in.ts';
import type { StorageConfig } from './storage-setting.ts';
import { type TelemetryConfig, toTelemetry } from './telemetry.ts';
import { findUnknownVariables, toSuggestion } from './unknown-variables.ts';
import { toUpstreams, type UpstreamConfig } from './upstreams.ts';

/** The configuration of the server. It is read once; nothing else reads the environment. */
export interface Config {
  readonly port: number;
  readonly host: string;
  /** An absolute path. */
  readonly dataDir: string;
  readonly role: Role;
  /** Secret. `undefined`: SQLite in the data folder. */
  readonly databaseUrl: string | undefined;
  readonly storage: StorageConfig;
  /** Without a trailing slash. `undefined`: the address that the server listens on. A worker always has a value. */
  readonly publicUrl: string | undefined;
  readonly apiKey: string | undefined;
  /** At least one; their names are unique. */
  readonly upstreams: readonly UpstreamConfig[];
  readonly allowPrivateHosts: readonly string[];
  readonly proxies: ProxyConfig;
  /** Are references fetched through the proxies, too? */
  readonly proxyReferences: boolean;
  /** `undefined`: nobody is asked what may be made and served. */
  readonly moderation: ModerationConfig | undefined;
  /** What the operator adds to the models of the providers, and changes of them. Their ids are unique. */
  readonly models: readonly ModelSetting[];
  /** The ids of models, by other names that clients use for them. */
  readonly modelAliases: ReadonlyMap<string, string>;
  /** How long a prompt may be on the queue's wire, in code points. */
  readonly maxPromptCharacters: number;
  /** Addresses and networks of the reverse proxies that are believed when they name the caller. */
  readonly trustedProxies: readonly string[];
  /** Origins whose pages may call the API; `*` allows any. */
  readonly corsOrigins: readonly string[];
  /** How long a call that waits for its picture may be silent. */
  readonly keepAliveMs: number;
  /** How many upstream calls run at the same time in this process. */
  readonly concurrency: number;
  readonly lostAnswerRetries: number;
  /** How many requests an organization may have waiting. */
  readonly maxQueued: number;
  /** How many requests a key without its own limit may submit in any minute. `undefined`: no limit. */
  readonly requestsPerMinute: number | undefined;
  /** How many upload addresses a key may ask for in any minute. */
  readonly uploadsPerMinute: number;
  /** How many bytes of uploads a key may have that no request has used. */
  readonly maxUnusedUploadBytes: number;
  /** An upload that no request has used expires after this time. */
  readonly unusedUploadMs: number;
  /** How long ended requests are kept, and their pictures. */
  readonly retain: Retention;
  readonly retainPictures: Retention;
  /** How long ended deliveries of webhooks are kept. */
  readonly retainWebhooksMs: number;
  /** How long it is known that something was removed. */
  readonly retainTombstonesMs: number;
  /** How many event streams and waits a key may have open at the same time. */
  readonly maxStreams: number;
  /** How many webhook endpoints an organization may have. */
  readonly maxEndpoints: number;
  readonly minFreeDiskBytes: number;
  readonly minFreeMemoryBytes: number;
  readonly drainMs: number;
  /** When a batch job is begun. */
  readonly gathering: GatheringRules;
  readonly logLevel: LogLevel;
  readonly telemetry: TelemetryConfig;
  /** What the operator has set, by name, without secrets. */
  readonly given: Facts;
  readonly signIn: SignInConfig;
}

/** What a process does: `api` answers callers, `worker` makes the pictures and sends the webhooks. */
export type Role = 'all' | 'api' | 'worker';

export type SettingValues = Readonly<Partial<Record<SettingName, unknown>>>;

export interface ConfigSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly flags: SettingValues;
  /** The folder that may hold `darkroom.config.json` and that relative paths start from. */
  readonly folder: string;
}

/** All problems of the configuration, in one message that names settings and never contains values. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(problems: readonly string[]) {
    super(`The configuration is wrong:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  }
}

/** Reads flags, environment and `darkroom.config.json`, in this order of precedence. Throws a `ConfigError`. */
export function loadConfig({ env, flags, folder }: ConfigSources): Config {
  const problems: string[] = [...findUnknownVariables(env)];
  const file = readConfigFile(path.join(folder, configFileName), problems);
  const values: Partial<Record<SettingName, unknown>> = {};
  const shown: Record<string, unknown> = {};
  for (const name of settingNames) {
    // An empty variable counts as not set: compose files and shells produce them.
    const given = flags[name] ?? readVariable(env, name) ?? file[name];
    const result = settings[name].schema.safeParse(given);
    if (given !== undefined) shown[name] = toHarmless(name, given);
    if (result.success) values[name] = result.data;
    else problems.push(...toProblems(name, result.error));
  }
  const config =
    problems.length === 0 ? toConfig(values as SettingOutputs, { env, folder, given: shown }, problems) : undefined; // each value was parsed by its schema
  if (!config) throw new ConfigError(problems);
  return config;
}

function readVariable(env: ConfigSources['env'], name: SettingName): string | undefined {
  const { isLowerCaseToo }: Setting = settings[name];
  return (isLowerCaseToo && env[name.toLowerCase()]) || env[name] || undefined;
}

const configFileName = 'darkroom.config.json';

function readConfigFile(file: string, problems: string[]): SettingValues {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) {
      problems.push(`${configFileName} cannot be read as JSON`);
    }
    return {};
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    problems.push(`${configFileName} must be an object of settings, e.g. {"PORT": 4600}`);
    return {};
  }
  for (const name of Object.keys(parsed)) {
    if (!Object.hasOwn(settings, name))
      problems.push(`${configFileName} has an unknown setting ${name}: ${toSuggestion(name)}`);
  }
  return parsed;
}

/** One sentence for each problem, such as `DARKROOM_UPSTREAMS[0].name must …`. */
function toProblems(name: SettingName, { issues }: z.ZodError): readonly string[] {
  return issues.map(({ path: keys, message }) => {
    const place = keys.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
    return `${name}${place} ${message}`;
  });
}

/** An installed Darkroom is started from any folder, and must find its data again. */
function toDefaultDataFolder(env: ConfigSources['env']): string {
  if (!isInstalled) return '.darkroom';
  return toUserDataFolder({ platform: process.platform, home: os.homedir(), env });
}

const megabyte = 2 ** 20;

function toConfig(
  values: SettingOutputs,
  { env, folder, given }: Pick<ConfigSources, 'env' | 'folder'> & Pick<Config, 'given'>,
  problems: string[],
): Config | undefined {
  const upstreams = toUpstreams(values, problems);
  if (values.DARKROOM_ROLE === 'worker' && values.DARKROOM_PUBLIC_URL === undefined)
    problems.push(
      'DARKROOM_ROLE is worker, which needs DARKROOM_PUBLIC_URL: webhooks contain the addresses of pictures',
    );
  const moderation = toModeration(values, problems);
  const signIn = toSignIn(values, problems);
  if (!upstreams || problems.length > 0) return undefined;
  return {
    port: values.PORT,
    host: values.HOST,
    dataDir: path.resolve(folder, values.DARKROOM_DATA_DIR ?? toDefaultDataFolder(env)),
    role: values.DARKROOM_ROLE,
    databaseUrl: values.DATABASE_URL,
    storage: values.DARKROOM_STORAGE,
    publicUrl: values.DARKROOM_PUBLIC_URL,
    apiKey: values.DARKROOM_API_KEY,
    upstreams,
    allowPrivateHosts: values.DARKROOM_ALLOW_PRIVATE_HOSTS,
    proxies: { httpsProxy: values.HTTPS_PROXY, httpProxy: values.HTTP_PROXY, noProxy: values.NO_PROXY },
    proxyReferences: values.DARKROOM_PROXY_REFERENCES,
    moderation,
    models: values.DARKROOM_MODELS,
    modelAliases: values.DARKROOM_MODEL_ALIASES,
    maxPromptCharacters: values.DARKROOM_MAX_PROMPT_CHARACTERS,
    trustedProxies: values.DARKROOM_TRUSTED_PROXIES,
    corsOrigins: values.DARKROOM_CORS_ORIGINS,
    keepAliveMs: values.DARKROOM_KEEP_ALIVE_SECONDS * 1_000,
    concurrency: values.DARKROOM_CONCURRENCY,
    lostAnswerRetries: values.DARKROOM_LOST_ANSWER_RETRIES,
    gathering: {
      maxRequests: values.DARKROOM_BATCH_REQUESTS,
      maxWaitMs: values.DARKROOM_BATCH_WAIT_SECONDS * 1_000,
    },
    maxQueued: values.DARKROOM_MAX_QUEUED,
    requestsPerMinute: values.DARKROOM_REQUESTS_PER_MINUTE,
    uploadsPerMinute: values.DARKROOM_UPLOADS_PER_MINUTE,
    maxUnusedUploadBytes: values.DARKROOM_UNUSED_UPLOADS_MB * megabyte,
    unusedUploadMs: values.DARKROOM_UNUSED_UPLOAD_HOURS * 3_600_000,
    retain: values.DARKROOM_RETAIN,
    retainPictures: values.DARKROOM_RETAIN_PICTURES,
    retainWebhooksMs: values.DARKROOM_RETAIN_WEBHOOKS,
    retainTombstonesMs: values.DARKROOM_RETAIN_TOMBSTONES,
    maxStreams: values.DARKROOM_MAX_STREAMS,
    maxEndpoints: values.DARKROOM_MAX_WEBHOOK_ENDPOINTS,
    minFreeDiskBytes: values.DARKROOM_MIN_FREE_DISK_MB * megabyte,
    minFreeMemoryBytes: values.DARKROOM_MIN_FREE_MEMORY_MB * megabyte,
    drainMs: values.DARKROOM_DRAIN_SECONDS * 1_000,
    logLevel: values.LOG_LEVEL,
    telemetry: toTelemetry(values),
    given,
    signIn,
  };
}
