import { createPrivateKey, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { AccessError } from '../google-service.ts';

/** The key of a service account, as Google's console and `gcloud iam service-accounts keys create` write it. */
export interface ServiceAccountKey {
  readonly type: 'service_account';
  readonly client_email: string;
  readonly private_key: string;
  readonly private_key_id?: string | undefined;
  readonly token_uri: string;
}

/** What `gcloud auth application-default login` writes for a user. */
export type UserCredentials = z.output<typeof userSchema>;

/** What `gcloud iam workload-identity-pools create-cred-config` writes for an identity that Google does not manage. */
export type ExternalAccount = z.output<typeof externalSchema>;

const text = z.string().min(1);
const webUrl = z.url({ protocol: /^https?$/ });
const tokenUri = webUrl.default('https://oauth2.googleapis.com/token');

const keySchema = z.object({
  type: z.literal('service_account'),
  client_email: z.string().min(1),
  private_key: z.string().refine(isPrivateKey),
  private_key_id: z.string().optional(),
  token_uri: tokenUri,
});

const userSchema = z.object({
  type: z.literal('authorized_user'),
  client_id: text,
  client_secret: text,
  refresh_token: text,
  token_uri: tokenUri,
  quota_project_id: text.optional(),
});

/** Of the sources that Google's libraries know: files and addresses. A file may not name a program to run. */
const sourceSchema = z
  .object({
    file: text.optional(),
    url: webUrl.optional(),
    headers: z.record(z.string(), z.string()).optional(),
    format: z.object({ type: z.enum(['text', 'json']), subject_token_field_name: text.optional() }).optional(),
  })
  .refine(({ file, url }) => file !== undefined || url !== undefined);

const externalSchema = z.object({
  type: z.literal('external_account'),
  audience: text,
  subject_token_type: text,
  token_url: webUrl,
  service_account_impersonation_url: webUrl.optional(),
  credential_source: sourceSchema,
});

const credentialsSchema = z.discriminatedUnion('type', [keySchema, userSchema, externalSchema]);

/** Reads the file, which may have been replaced since the last time. Rejects with `AccessError`, which quotes nothing of it. */
export async function readCredentialsFile(
  path: string,
): Promise<ServiceAccountKey | UserCredentials | ExternalAccount> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw refuseFile(`cannot be read (${error.code})`, error);
  });
  const { data: credentials } = credentialsSchema.safeParse(parseJson(text));
  if (!credentials)
    throw refuseFile('does not contain Google Cloud credentials in JSON, or they are of an unknown kind');
  return credentials;
}

export function refuseFile(what: string, cause?: unknown): AccessError {
  const message = `The file of credentials_file ${what}.`;
  return new AccessError({ code: 'upstream_key_invalid', message }, { cause });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isPrivateKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'rsa';
  } catch {
    return false;
  }
}

export const cloudScope = 'https://www.googleapis.com/auth/cloud-platform';
const lifetimeSeconds = 3600;

/** A signed claim to be the service account. Source: https://developers.google.com/identity/protocols/oauth2/service-account */
export function signAssertion(key: ServiceAccountKey, now: number): string {
  const issuedAt = Math.floor(now / 1000);
  const header = { alg: 'RS256', typ: 'JWT', kid: key.private_key_id };
  const claims = {
    iss: key.client_email,
    scope: cloudScope,
    aud: key.token_uri,
    iat: issuedAt,
    exp: issuedAt + lifetimeSeconds,
  };
  const signed = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${signed}.${sign('sha256', Buffer.from(signed), key.private_key).toString('base64url')}`;
}
