import { z } from 'zod';

/** Where the pictures are stored. */
export type StorageConfig = { readonly kind: 'disk' } | S3Config | GcsConfig;

export interface S3Config extends BucketOptions {
  readonly kind: 's3';
  readonly region?: string;
  readonly forcePathStyle: boolean;
}

export interface GcsConfig extends BucketOptions {
  readonly kind: 'gcs';
}

export interface BucketOptions {
  readonly bucket: string;
  /** The folder of the bucket that holds everything. May be empty. */
  readonly prefix: string;
  readonly endpoint?: string;
  /** The public address of the bucket, without a trailing slash. The key of an object follows it. */
  readonly publicUrl?: string;
  /** If set, pictures are read at signed addresses of the bucket that are valid for this time. */
  readonly signedUrlSeconds?: number;
}

const shape = 'must be disk, s3://BUCKET/PREFIX or gs://BUCKET/PREFIX';

const httpUrl = (name: string) =>
  z
    .url({ protocol: /^https?$/, error: `has a wrong ${name}: it must be an http(s) URL` })
    .transform((text) => text.replace(/\/+$/, ''));

const seconds = { error: 'has wrong signed_url_seconds: it must be a whole number from 60 to 604800' };

const bucketShape = {
  endpoint: httpUrl('endpoint').optional(),
  public_url: httpUrl('public_url').optional(),
  signed_url_seconds: z.coerce.number(seconds).int(seconds).min(60, seconds).max(604_800, seconds).optional(),
};

const s3Shape = {
  ...bucketShape,
  region: z
    .string()
    .regex(/^[\w-]{1,40}$/, { error: 'has a wrong region: it must be a name such as eu-central-1' })
    .optional(),
  path_style: z.enum(['true', 'false'], { error: 'has a wrong path_style: it must be true or false' }).optional(),
};

const toOptionsError = (shape: object) => ({
  error: (issue: { readonly code: string }) =>
    issue.code === 'unrecognized_keys'
      ? `has an unknown option; the options are ${Object.keys(shape).join(', ')}`
      : undefined,
});

const gcsOptions = z.strictObject(bucketShape, toOptionsError(bucketShape));
const s3Options = z.strictObject(s3Shape, toOptionsError(s3Shape));

/** Reads `DARKROOM_STORAGE`. It holds no credentials: the SDKs find them elsewhere. No message contains a value. */
export const storageSchema = z.string({ error: shape }).transform((text, context): StorageConfig => {
  const problems: string[] = [];
  const storage = text === 'disk' ? ({ kind: 'disk' } as const) : parseBucket(text, problems);
  for (const message of problems) context.addIssue({ code: 'custom', message });
  return storage ?? z.NEVER;
});

function parseBucket(text: string, problems: string[]): S3Config | GcsConfig | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const place = url && parsePlace(url, problems);
  if (!place) {
    if (problems.length === 0) problems.push(shape);
    return undefined;
  }
  const given = Object.fromEntries(url.searchParams);
  const parsed = url.protocol === 's3:' ? s3Options.safeParse(given) : gcsOptions.safeParse(given);
  problems.push(...(parsed.error?.issues.map(({ message }) => message) ?? []));
  if (!parsed.success) return undefined;
  const bucket = { ...place, ...toBucketOptions(parsed.data) };
  return url.protocol === 's3:' ? { kind: 's3', ...bucket, ...toS3Options(parsed.data) } : { kind: 'gcs', ...bucket };
}

function parsePlace(url: URL, problems: string[]): { readonly bucket: string; readonly prefix: string } | undefined {
  if (url.protocol !== 's3:' && url.protocol !== 'gs:') return undefined;
  if (url.username !== '' || url.password !== '')
    problems.push('must not hold credentials: the SDKs read them from the environment');
  if (!/^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/.test(url.hostname) || url.port !== '')
    problems.push('has no valid bucket name');
  const prefix = url.pathname.replace(/^\/|\/$/g, '');
  if (
    prefix !== '' &&
    !prefix.split('/').every((segment) => /^[A-Za-z0-9._-]{1,100}$/.test(segment) && !/^\.+$/.test(segment))
  )
    problems.push('has a wrong prefix: it may have letters, digits, dots, dashes and underscores between its slashes');
  return problems.length === 0 ? { bucket: url.hostname, prefix } : undefined;
}

type GivenOptions = z.output<typeof s3Options>;

function toBucketOptions({ endpoint, public_url: publicUrl, signed_url_seconds: signedUrlSeconds }: GivenOptions) {
  return {
    ...(endpoint !== undefined && { endpoint }),
    ...(publicUrl !== undefined && { publicUrl }),
    ...(signedUrlSeconds !== undefined && { signedUrlSeconds }),
  };
}

/** Services other than Amazon's rarely have a host name for each bucket, so a custom endpoint defaults to path style. */
function toS3Options({ endpoint, region, path_style: pathStyle }: GivenOptions) {
  const forcePathStyle = pathStyle === undefined ? endpoint !== undefined : pathStyle === 'true';
  return { forcePathStyle, ...(region !== undefined && { region }) };
}
