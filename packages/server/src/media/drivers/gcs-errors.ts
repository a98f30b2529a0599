import { hideInError, hideOpaqueWords } from '../../platform/opaque-words.ts';

/** An answer to a call made without the SDK. */
export class GcsRefusal extends Error {
  override readonly name = 'GcsRefusal';
  readonly code: number;

  constructor(status: number, body: string) {
    super(`The bucket answered ${status}: ${body.slice(0, 500)}`);
    this.code = status;
  }
}

/** Does the object not exist? For a missing bucket, Google's answer says so. */
export function isMissing(error: unknown): boolean {
  const { code, message } = toFacts(error);
  return code === 404 && !isBucketMissing(message);
}

/** Says in a sentence what went wrong with the bucket and what to do; the cause is the SDK's error, without what it may repeat of the call. */
export function toGcsError(error: unknown, where: Where): Error {
  if (error instanceof TypeError) return error;
  return new Error(toAdvice(error, where), { cause: hideInError(error) });
}

function toAdvice(error: unknown, { bucket, endpoint = 'Google Cloud Storage' }: Where): string {
  const { code, message } = toFacts(error);
  if (/could not load the default credentials/i.test(message))
    return 'There are no Google Cloud credentials: set GOOGLE_APPLICATION_CREDENTIALS to the key file of a service account, or give the machine one.';
  if (/cannot sign data|client_email|signblob|iam\.serviceAccounts/i.test(message))
    return `The credentials cannot sign addresses: use the key of a service account, or grant it roles/iam.serviceAccountTokenCreator on itself (${hideOpaqueWords(message)}).`;
  switch (code) {
    case 404:
      return `There is no bucket ${bucket} at ${endpoint}: create it, or correct its name in DARKROOM_STORAGE.`;
    case 401:
      return `${endpoint} does not accept the credentials: renew them.`;
    case 403:
      return `The credentials may not use the bucket ${bucket}: grant them roles/storage.objectUser on it.`;
    case 'ENOENT':
      return `The file to store is gone: ${message}`;
    default:
      return isNetworkCode(code)
        ? `${endpoint} cannot be reached (${code}): is the endpoint in DARKROOM_STORAGE correct, and is it running?`
        : `The bucket ${bucket} at ${endpoint} does not work as expected: ${hideOpaqueWords(message)}`;
  }
}

interface Where {
  readonly bucket: string;
  readonly endpoint?: string | undefined;
}

function isBucketMissing(message: string): boolean {
  return /bucket does not exist/i.test(message);
}

function isNetworkCode(code: unknown): code is string {
  return typeof code === 'string' && /^(E[A-Z]+|UND_ERR_\w+)$/.test(code);
}

function toFacts(error: unknown): { readonly code: unknown; readonly message: string } {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return { code, message: error instanceof Error ? error.message : String(error) };
}
