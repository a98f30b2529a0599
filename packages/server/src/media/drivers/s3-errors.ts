import { hideInError, hideOpaqueWords } from '../../platform/opaque-words.ts';

interface Where {
  readonly bucket: string;
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
}

/** The facts in an error of the SDK, if it is one. */
interface Facts {
  readonly name?: string;
  readonly message?: string;
  /** An error code of the network. */
  readonly code?: string;
  /** The region of the bucket, when the answer to a wrong region names it. */
  readonly Region?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
}

/** Does the object not exist? A missing bucket is a different case. */
export function isMissing(error: unknown): boolean {
  const { name, $metadata } = toFacts(error);
  return name === 'NoSuchKey' || (name !== 'NoSuchBucket' && $metadata?.httpStatusCode === 404);
}

/** Does the service not know the call? Not every service supports all of S3. */
export function isUnknownToServer(error: unknown): boolean {
  const { name, $metadata } = toFacts(error);
  return name === 'NotImplemented' || $metadata?.httpStatusCode === 501;
}

/** Says in a sentence what went wrong with the bucket and what to do; the cause is the SDK's error, without what it may repeat of the call. */
export function toS3Error(error: unknown, where: Where): Error {
  if (error instanceof TypeError) return error;
  return new Error(toAdvice(toFacts(error), where), { cause: hideInError(error) });
}

function toAdvice(facts: Facts, where: Where): string {
  const { bucket, endpoint = 'Amazon S3' } = where;
  switch (facts.name) {
    case 'NoSuchBucket':
      return `There is no bucket ${bucket} at ${endpoint}: create it, or correct its name in DARKROOM_STORAGE.`;
    case 'AccessDenied':
      return toRightsAdvice(bucket);
    case 'InvalidAccessKeyId':
    case 'SignatureDoesNotMatch':
      return `${endpoint} does not accept the credentials: set the right AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.`;
    case 'ExpiredToken':
    case 'TokenRefreshRequired':
      return 'The credentials have expired: renew them.';
    case 'CredentialsProviderError':
      return 'There are no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the machine a role.';
    case 'PermanentRedirect':
    case 'AuthorizationHeaderMalformed':
    case 'IllegalLocationConstraintException':
      return toRegionAdvice(facts, where);
    case 'RequestTimeTooSkewed':
      return "This machine's clock is wrong: S3 refuses requests that are signed more than 15 minutes before or after its own time.";
    case 'BadDigest':
      return `The bucket ${bucket} refused a file because its bytes changed on the way: the network corrupts data.`;
    default:
      return toGeneralAdvice(facts, where);
  }
}

function toRightsAdvice(bucket: string): string {
  return `The credentials may not use the bucket ${bucket}: allow them ${rights}.`;
}

const rights =
  's3:PutObject, s3:GetObject, s3:DeleteObject, s3:AbortMultipartUpload on its objects, and s3:ListBucket, s3:ListBucketMultipartUploads on itself';

function toRegionAdvice({ Region, $response }: Facts, { bucket, region }: Where): string {
  const right = Region ?? $response?.headers?.['x-amz-bucket-region'];
  const wrong = region === undefined ? 'this region' : `the region ${region}`;
  return `The bucket ${bucket} is not in ${wrong}: set ${right ? `region=${right}` : 'its region'} in DARKROOM_STORAGE.`;
}

function toGeneralAdvice(facts: Facts, where: Where): string {
  const { name, message = '', code, $metadata } = facts;
  const { bucket, endpoint = 'Amazon S3' } = where;
  // The answer to a HEAD has no body, and so does not name the error.
  if ($metadata?.httpStatusCode === 403) return toRightsAdvice(bucket);
  if ($metadata?.httpStatusCode === 301) return toRegionAdvice(facts, where);
  if (code === 'ENOENT') return `The file to store is gone: ${message}`;
  if (code !== undefined && /^E[A-Z]+$/.test(code))
    return `${endpoint} cannot be reached (${code}): is the endpoint in DARKROOM_STORAGE correct, and is it running?`;
  if (/region is missing/i.test(message))
    return 'No region is set: add the region of the bucket, region=…, to DARKROOM_STORAGE.';
  return `The bucket ${bucket} at ${endpoint} does not work as expected: ${hideOpaqueWords(name === undefined ? message : `${name}: ${message}`)}`;
}

function toFacts(error: unknown): Facts {
  return typeof error === 'object' && error !== null ? error : { message: String(error) };
}
