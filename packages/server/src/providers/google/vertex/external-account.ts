import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { AccessToken } from './access-tokens.ts';
import { cloudScope, type ExternalAccount, refuseFile } from './credentials-file.ts';
import { ask, type Fetching, parseJson, post, postForm, toRefusal, toToken } from './token-answer.ts';

/**
 * The token of an identity that another cloud or an identity provider vouches for: its own token is exchanged for one of Google and, if
 * the file names a service account, that one for a token of the account. Google's library is not used, since it makes the exchange
 * past the operator's proxies. Source: https://google.aip.dev/auth/4117
 */
export async function fetchExternalToken(account: ExternalAccount, fetching: Fetching): Promise<AccessToken> {
  const form = {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    audience: account.audience,
    scope: cloudScope,
    subject_token_type: account.subject_token_type,
    subject_token: await readSubjectToken(account, fetching),
  };
  const token = toToken(await postForm(account.token_url, form, fetching));
  const { service_account_impersonation_url: url } = account;
  return url === undefined ? token : fetchAccountToken(url, token.value, fetching);
}

/** From a file, or from an address of the machine or its network. */
async function readSubjectToken({ credential_source: source }: ExternalAccount, fetching: Fetching): Promise<string> {
  const text = source.file === undefined ? await askFor(source, fetching) : await readTokenFile(source.file);
  const { type, subject_token_field_name: field = '' } = source.format ?? { type: 'text' };
  const token = type === 'json' ? Object(parseJson(text))[field] : text.trim();
  if (typeof token === 'string' && token !== '') return token;
  throw refuseFile('names a credential_source that contains no token');
}

async function readTokenFile(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw refuseFile(`names a credential_source that cannot be read (${error.code})`, error);
  });
}

async function askFor({ url = '', headers = {} }: ExternalAccount['credential_source'], fetching: Fetching) {
  const answer = await ask(fetching.transport, { method: 'GET', url, headers, signal: fetching.signal });
  if (answer.status !== 200) throw toRefusal(answer);
  return answer.text;
}

const accountTokenSchema = z.object({ accessToken: z.string().regex(/^[\x21-\x7e]+$/), expireTime: z.iso.datetime() });

async function fetchAccountToken(url: string, bearer: string, fetching: Fetching): Promise<AccessToken> {
  const body = JSON.stringify({ scope: [cloudScope] });
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${bearer}` };
  const answer = await post({ url, headers, body }, fetching);
  const { data: token } = accountTokenSchema.safeParse(answer.status === 200 ? parseJson(answer.text) : undefined);
  if (!token) throw toRefusal(answer);
  return { value: token.accessToken, lifetimeMs: Date.parse(token.expireTime) - fetching.clock.now() };
}
