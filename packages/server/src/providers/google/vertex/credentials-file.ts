import { createPrivateKey, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { AccessError } from '../google-service.ts';

/** The key of a service account, as Google's console and `gcloud iam service-accounts keys create` write it. */
export interface ServiceAccountKey {
  readonly client_email: string;
  readonly private_key: string;
  readonly private_key_id?: string | undefined;
  readonly token_uri: string;
}

const keySchema = z.object({
  type: z.literal('service_account'),
  client_email: z.string().min(1),
  private_key: z.string().refine(isPrivateKey),
  private_key_id: z.string().optional(),
  token_uri: z.url({ protocol: /^https?$/ }).default('https://oauth2.googleapis.com/token'),
});

/** Reads the file, which may have been replaced since the last time. Rejects with `AccessError`, which quotes nothing of it. */
export async function readCredentialsFile(path: string): Promise<ServiceAccountKey> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw refuse(`cannot be read (${error.code})`, error);
  });
  const { data: key } = keySchema.safeParse(parseJson(text));
  if (!key) throw refuse('is not the key of a service account in JSON');
  return key;
}

function refuse(what: string, cause?: unknown): AccessError {
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

const scope = 'https://www.googleapis.com/auth/cloud-platform';
const lifetimeSeconds = 3600;

/** A signed claim to be the service account. Source: https://developers.google.com/identity/protocols/oauth2/service-account */
export function signAssertion(key: ServiceAccountKey, now: number): string {
  const issuedAt = Math.floor(now / 1000);
  const header = { alg: 'RS256', typ: 'JWT', kid: key.private_key_id };
  const claims = { iss: key.client_email, scope, aud: key.token_uri, iat: issuedAt, exp: issuedAt + lifetimeSeconds };
  const signed = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${signed}.${sign('sha256', Buffer.from(signed), key.private_key).toString('base64url')}`;
}
