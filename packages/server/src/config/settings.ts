import { z } from 'zod';
import { logLevels } from '../platform/log-levels.ts';
import { commaList } from './comma-list.ts';
import { databaseUrlSchema } from './database-setting.ts';
import { durationSchema, retentionSchema } from './durations.ts';
import { modelAliasesSchema } from './model-aliases.ts';
import { modelsSchema } from './models-setting.ts';
import { proxyNetworksSchema } from './proxy-networks.ts';
import { noProxySchema, proxySchema } from './proxy-settings.ts';
import { secretText, signingSecret } from './secret-text.ts';
import { signInSettings } from './sign-in-settings.ts';
import { storageSchema } from './storage-setting.ts';
import { telemetrySettings } from './telemetry-settings.ts';
import { upstreamsSchema } from './upstreams-setting.ts';
import { wholeNumber } from './whole-number.ts';
import { yesNo } from './yes-no.ts';

/** One setting of the operator: from the environment, from `darkroom.config.json` (under the same name) or from a flag. */
export interface Setting {
  /** Reads the text of the environment or the value of the file. Its message ends the sentence "NAME …". */
  readonly schema: z.ZodType;
  /** The flag of `darkroom serve`, without the dashes. */
  readonly flag: string;
  readonly description: string;
  readonly fallback: string;
  /** The value is never shown, not even in an error. */
  readonly isSecret?: true;
  /** The environment may also have it under the name in small letters, which then takes precedence, as in other programs. */
  readonly isLowerCaseToo?: true;
}

const url = z.url({ protocol: /^https?$/, error: 'must be an http(s) URL, e.g. https://pictures.example.com' });
const httpUrl = url.transform((text) => text.replace(/\/+$/, ''));

/** All settings. The reference page of the configuration is made from this table. */
export const settings = {
  PORT: {
    schema: wholeNumber(0, 65_535).default(4600),
    flag: 'port',
    description: 'The port of the API and the console; 0 takes any free port.',
    fallback: '4600',
  },
  HOST: {
    schema: z.string().min(1, { error: 'must be a host name or an address' }).default('127.0.0.1'),
    flag: 'host',
    description: 'The address to listen on; 0.0.0.0 opens Darkroom to the network.',
    fallback: '127.0.0.1',
  },
  DARKROOM_DATA_DIR: {
    schema: z.string().min(1, { error: 'must be a folder' }).optional(),
    flag: 'data-dir',
    description: 'The folder for the database, the pictures, the spool and the first API key.',
    fallback: ".darkroom in a checkout; the user's data folder when installed",
  },
  DARKROOM_ROLE: {
    schema: z.enum(['all', 'api', 'worker'], { error: 'must be all, api or worker' }).default('all'),
    flag: 'role',
    description:
      'What this process does: `api` answers callers, `worker` makes the pictures and sends the webhooks, `all` does both.',
    fallback: 'all',
  },
  DATABASE_URL: {
    schema: databaseUrlSchema.optional(),
    flag: 'database-url',
    description: 'A PostgreSQL database, postgres://USER:PASSWORD@HOST/DATABASE, for processes on several machines.',
    fallback: 'SQLite in the data folder',
    isSecret: true,
  },
  DARKROOM_STORAGE: {
    schema: storageSchema.default({ kind: 'disk' }),
    flag: 'storage',
    description:
      'Where the pictures are stored: `disk` (in the data folder), s3://BUCKET/PREFIX?region=&endpoint=&path_style=&public_url=&signed_url_seconds= or gs://BUCKET/PREFIX?endpoint=&public_url=&signed_url_seconds=.',
    fallback: 'disk',
  },
  DARKROOM_PUBLIC_URL: {
    schema: httpUrl.optional(),
    flag: 'public-url',
    description: 'The address at which others reach Darkroom. Picture URLs begin with it.',
    fallback: 'http://HOST:PORT',
  },
  DARKROOM_API_KEY: {
    schema: secretText.optional(),
    flag: 'api-key',
    description: 'An API key that is valid for the default organization.',
    fallback: 'a key is created at the first start',
    isSecret: true,
  },
  GEMINI_API_KEY: {
    schema: secretText.optional(),
    flag: 'gemini-api-key',
    description: 'The key for Google AI Studio.',
    fallback: 'GOOGLE_API_KEY',
    isSecret: true,
  },
  GOOGLE_API_KEY: {
    schema: secretText.optional(),
    flag: 'google-api-key',
    description: 'Another name for GEMINI_API_KEY, which takes precedence if both are set.',
    fallback: 'none: pictures come from the sandbox',
    isSecret: true,
  },
  GEMINI_BASE_URL: {
    schema: httpUrl.default('https://generativelanguage.googleapis.com'),
    flag: 'gemini-base-url',
    description: 'The address of the Gemini API.',
    fallback: "Google's own address",
  },
  GEMINI_API_VERSION: {
    schema: z
      .string()
      .regex(/^v\d+\w*$/, { error: 'must be a version such as v1beta' })
      .default('v1beta'),
    flag: 'gemini-api-version',
    description: 'The version of the Gemini API.',
    fallback: 'v1beta',
  },
  DARKROOM_UPSTREAM: {
    schema: z.enum(['google', 'sandbox'], { error: 'must be google or sandbox' }).optional(),
    flag: 'upstream',
    description:
      'Who makes the pictures: `google`, or the built-in `sandbox`, which needs no key and draws the pictures itself. If a Google key was used before, the sandbox must be set explicitly.',
    fallback: 'google with a key, otherwise sandbox',
  },
  DARKROOM_UPSTREAMS: {
    schema: upstreamsSchema,
    flag: 'upstreams',
    description:
      'Several accounts with their limits, as JSON: [{"name", "api_key", "provider", "models", "order", "base_url", "concurrency", "requests_per_minute", "images_per_minute", "requests_per_day", "dollars_per_ten_minutes"}]. Only name and api_key are required. The provider is google unless another one is named. With models, a list of ids, the account serves only these. Accounts with a lower order are called first; without one it is 0. With "provider": "vertex", an entry has "project", "location", "credentials_file", "person_generation" and "buckets" instead of a key: docs/how-to/use-vertex-ai.md.',
    fallback: 'one upstream, with GEMINI_API_KEY',
    isSecret: true,
  },
  DARKROOM_MODELS: {
    schema: modelsSchema,
    flag: 'models',
    description:
      'Models that are added or changed, as JSON: [{"id", "provider", "upstream_id", "display_name", "sizes", "aspect_ratios", "pixels", "max_references", "price_per_image", "aliases", "hidden", …}]. An entry with the id of a built-in model changes only what it says. docs/how-to/add-a-model.md lists all keys.',
    fallback: 'the built-in models',
  },
  DARKROOM_MODEL_ALIASES: {
    schema: modelAliasesSchema,
    flag: 'model-aliases',
    description:
      'Other names of models, for clients that ask for a fixed one: gpt-image-1=gemini-3-pro-image-preview. Separated by commas.',
    fallback: 'none',
  },
  DARKROOM_MAX_PROMPT_CHARACTERS: {
    schema: wholeNumber(2_000, 1_000_000).default(2_000),
    flag: 'max-prompt-characters',
    description:
      "The longest prompt, in characters, on the queue's own API. Its contract says 2,000. The limit of the model also applies. The other APIs accept whatever the model accepts.",
    fallback: '2000',
  },
  DARKROOM_TRUSTED_PROXIES: {
    schema: proxyNetworksSchema,
    flag: 'trusted-proxies',
    description:
      'The reverse proxies in front of Darkroom: their addresses or networks, separated by commas, such as 127.0.0.1,10.0.0.0/8. Only they are believed when they name the caller in X-Forwarded-For.',
    fallback: 'none: the caller is whoever opens the connection',
  },
  DARKROOM_CORS_ORIGINS: {
    schema: commaList()
      .transform((origins) => origins.flatMap((origin) => origin.replace(/\/+$/, '') || []))
      .pipe(
        z.array(
          z.string().regex(/^(\*|none|https?:\/\/[^/\s]+)$/, {
            error: 'must be *, none, or origins, e.g. https://app.example.com',
          }),
        ),
      )
      .default(['*']),
    flag: 'cors-origins',
    description:
      'The origins whose web pages may call the API with a key: `*` for any, `none`, or a list separated by commas. Cookies are never accepted from them.',
    fallback: '*',
  },
  DARKROOM_KEEP_ALIVE_SECONDS: {
    schema: wholeNumber(1, 600).default(40),
    flag: 'keep-alive-seconds',
    description:
      'How long a call that waits for its picture may be silent. After this time its answer begins with white space, and a failure is reported in the body under status 200. Set it below the time-out of the proxies in front of Darkroom.',
    fallback: '40',
  },
  DARKROOM_ALLOW_PRIVATE_HOSTS: {
    schema: commaList()
      .pipe(
        z.array(
          z.string().regex(/^[\w.-]+(:\d{1,5})?$|^\[[0-9a-f:.]+\](:\d{1,5})?$/i, {
            error: 'must be hosts, e.g. localhost,10.0.0.7:8080',
          }),
        ),
      )
      .default([]),
    flag: 'allow-private-hosts',
    description:
      'Hosts that references may come from and webhooks may go to although their addresses are private, for development. Separated by commas.',
    fallback: 'none',
  },
  HTTPS_PROXY: {
    schema: proxySchema.optional(),
    flag: 'https-proxy',
    description:
      'The proxy for calls to https addresses: upstreams, webhooks, buckets and the moderation hook. References go through it only with DARKROOM_PROXY_REFERENCES. The machine itself is always called directly.',
    fallback: 'none',
    isSecret: true,
    isLowerCaseToo: true,
  },
  HTTP_PROXY: {
    schema: proxySchema.optional(),
    flag: 'http-proxy',
    description: 'The proxy for calls to http addresses.',
    fallback: 'none',
    isSecret: true,
    isLowerCaseToo: true,
  },
  NO_PROXY: {
    schema: noProxySchema,
    flag: 'proxy-exceptions',
    description:
      'What is called without the proxy, separated by commas: host names with everything below them, host:port, addresses, networks such as 10.0.0.0/8, or * for everything.',
    fallback: 'none',
    isLowerCaseToo: true,
  },
  DARKROOM_PROXY_REFERENCES: {
    schema: yesNo.default(false),
    flag: 'proxy-references',
    description:
      'Whether references from users are fetched through the proxy. The proxy then looks up their names, so it must refuse private addresses itself.',
    fallback: 'false',
  },
  DARKROOM_MODERATION_URL: {
    schema: url
      .refine((text) => !URL.canParse(text) || new URL(text).username === '', {
        error: 'must not contain a name or a password',
      })
      .optional(),
    flag: 'moderation-url',
    description:
      'The address of your moderation service. It is asked before the first paid call of each request, and answers allow, block or flag. A private address is allowed.',
    fallback: 'no moderation',
  },
  DARKROOM_MODERATION_SECRET: {
    schema: signingSecret.optional(),
    flag: 'moderation-secret',
    description: 'Signs what the moderation address receives, as webhooks are signed: whsec_ and base64.',
    fallback: 'questions are not signed',
    isSecret: true,
  },
  DARKROOM_MODERATION_SECONDS: {
    schema: wholeNumber(1, 120).default(10),
    flag: 'moderation-seconds',
    description: 'How long the moderation address may take to answer.',
    fallback: '10',
  },
  DARKROOM_MODERATION_FAILS: {
    schema: z.enum(['open', 'closed'], { error: 'must be open or closed' }).default('closed'),
    flag: 'moderation-fails',
    description:
      'What happens when the moderation address does not answer: with `closed`, requests wait and it is asked again; with `open`, they proceed without a check.',
    fallback: 'closed',
  },
  DARKROOM_MODERATION_PICTURES: {
    schema: yesNo.default(false),
    flag: 'moderation-pictures',
    description:
      'Whether the moderation address is also asked about each picture before it is stored. It receives the picture.',
    fallback: 'false',
  },
  DARKROOM_CONCURRENCY: {
    schema: wholeNumber(1, 1_000).default(4),
    flag: 'concurrency',
    description: 'How many upstream calls run at the same time in this process.',
    fallback: '4',
  },
  DARKROOM_LOST_ANSWER_RETRIES: {
    schema: wholeNumber(0, 10).default(1),
    flag: 'lost-answer-retries',
    description:
      'How many times to repeat a call whose answer was lost with its worker. Such a call may be charged twice.',
    fallback: '1',
  },
  DARKROOM_BATCH_REQUESTS: {
    schema: wholeNumber(1, 1_000).default(100),
    flag: 'batch-requests',
    description:
      'How many requests of the batch tier make a full job, which is begun at once. A job has no more calls than this either.',
    fallback: '100',
  },
  DARKROOM_BATCH_WAIT_SECONDS: {
    schema: wholeNumber(0, 86_400).default(600),
    flag: 'batch-wait-seconds',
    description: 'How long the first request of the batch tier waits for others until its job is begun, full or not.',
    fallback: '600',
  },
  DARKROOM_MAX_QUEUED: {
    schema: wholeNumber(1, 10_000_000).default(100_000),
    flag: 'max-queued',
    description: 'How many requests an organization may have waiting. Further requests are refused.',
    fallback: '100000',
  },
  DARKROOM_REQUESTS_PER_MINUTE: {
    schema: wholeNumber(1, 1_000_000).optional(),
    flag: 'requests-per-minute',
    description: 'How many requests a key may submit in any minute, unless the key has its own limit.',
    fallback: 'no limit',
  },
  DARKROOM_UPLOADS_PER_MINUTE: {
    schema: wholeNumber(1, 1_000_000).default(600),
    flag: 'uploads-per-minute',
    description:
      'How many upload addresses a key may ask for in any minute. An organization may ask for five times as many.',
    fallback: '600',
  },
  DARKROOM_UNUSED_UPLOADS_MB: {
    schema: wholeNumber(7, 100_000_000).default(2_048),
    flag: 'unused-uploads-mb',
    description:
      'How many MB of uploads a key may have that no request has used yet. An organization may have five times as much. An address counts as 7 MB until its picture arrives.',
    fallback: '2048',
  },
  DARKROOM_UNUSED_UPLOAD_HOURS: {
    schema: wholeNumber(1, 8_760).default(24),
    flag: 'unused-upload-hours',
    description: 'How long to keep an upload that no request has used.',
    fallback: '24',
  },
  DARKROOM_RETAIN: {
    schema: retentionSchema,
    flag: 'retain',
    description:
      'How long ended requests are kept, with their payloads, logs and pictures: a time from 3s to 10y, such as 30d. After a comma, other times for a status, an organization or both: `30d,failed=7d,acme/*=1y,acme/failed=forever`. What was spent is kept for ever. docs/how-to/keep-and-delete.md',
    fallback: 'for ever',
  },
  DARKROOM_RETAIN_PICTURES: {
    schema: retentionSchema,
    flag: 'retain-pictures',
    description:
      'How long the pictures of ended requests are kept, those that were sent with them included, when they are to go before the records. Written as DARKROOM_RETAIN.',
    fallback: 'as long as their requests',
  },
  DARKROOM_RETAIN_WEBHOOKS: {
    schema: durationSchema.default(30 * 24 * 3_600_000),
    flag: 'retain-webhooks',
    description: 'How long webhooks that were delivered or given up stay in the list of deliveries.',
    fallback: '30d',
  },
  DARKROOM_RETAIN_TOMBSTONES: {
    schema: durationSchema.default(24 * 3_600_000),
    flag: 'retain-tombstones',
    description:
      'How long a removed request or picture is answered with 410 instead of 404. A request with an Idempotency-Key is known as long as the key counts, whatever this says.',
    fallback: '1d',
  },
  DARKROOM_MAX_STREAMS: {
    schema: wholeNumber(1, 1_000_000).default(500),
    flag: 'max-streams',
    description:
      'How many event streams and waits a key may have open at the same time in this process. An organization may have five times as many.',
    fallback: '500',
  },
  DARKROOM_MAX_WEBHOOK_ENDPOINTS: {
    schema: wholeNumber(1, 1_000).default(50),
    flag: 'max-webhook-endpoints',
    description: 'How many webhook endpoints an organization may have. Further endpoints are refused.',
    fallback: '50',
  },
  DARKROOM_MIN_FREE_DISK_MB: {
    schema: wholeNumber(0, 100_000_000).default(512),
    flag: 'min-free-disk-mb',
    description:
      'With less free disk space than this, new requests are refused. With less than half of it, no work is started.',
    fallback: '512',
  },
  DARKROOM_MIN_FREE_MEMORY_MB: {
    schema: wholeNumber(0, 1_000_000).default(64),
    flag: 'min-free-memory-mb',
    description: 'With less free memory than this, new requests are refused.',
    fallback: '64',
  },
  DARKROOM_DRAIN_SECONDS: {
    schema: wholeNumber(0, 3_600).default(30),
    flag: 'drain-seconds',
    description: 'How long a shutdown waits for the calls under way before it returns their requests to the queue.',
    fallback: '30',
  },
  LOG_LEVEL: {
    schema: z.enum(logLevels, { error: `must be one of ${logLevels.join(', ')}` }).default('info'),
    flag: 'log-level',
    description: 'The lowest level that is logged. Logs go to standard error.',
    fallback: 'info',
  },
  ...telemetrySettings,
  ...signInSettings,
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;

export const settingNames = Object.keys(settings) as SettingName[]; // the table's own keys

/** The settings as read by their schemas. */
export type SettingOutputs = { readonly [Name in SettingName]: z.output<(typeof settings)[Name]['schema']> };
