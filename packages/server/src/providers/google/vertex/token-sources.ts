import type { AccessToken, FetchToken } from './access-tokens.ts';
import {
  readCredentialsFile,
  type ServiceAccountKey,
  signAssertion,
  type UserCredentials,
} from './credentials-file.ts';
import { fetchExternalToken } from './external-account.ts';
import { ask, type Fetching, postForm, type TokenAnswer, toToken } from './token-answer.ts';

type Tools = Omit<Fetching, 'signal'>;

/** The tokens of the credentials in a file. The file is read for each token, so that they can be replaced. */
export function fromCredentialsFile(path: string, tools: Tools): FetchToken {
  return async (signal) => {
    const credentials = await readCredentialsFile(path);
    const fetching = { ...tools, signal };
    switch (credentials.type) {
      case 'service_account':
        return fetchAccountToken(credentials, fetching);
      case 'authorized_user':
        return fetchUserToken(credentials, fetching);
      case 'external_account':
        return fetchExternalToken(credentials, fetching);
    }
  };
}

/** Google refuses claims from the future or the past. When this machine's clock is wrong, Google's is used. */
async function fetchAccountToken(key: ServiceAccountKey, fetching: Fetching): Promise<AccessToken> {
  const { clock } = fetching;
  const answer = await claim(key, clock.now(), fetching);
  const skewMs = Date.parse(answer.header('date') ?? '') - clock.now();
  const isSkewed = answer.status === 400 && Math.abs(skewMs) > maxSkewMs;
  return toToken(isSkewed ? await claim(key, clock.now() + skewMs, fetching) : answer);
}

function claim(key: ServiceAccountKey, now: number, fetching: Fetching): Promise<TokenAnswer> {
  const assertion = signAssertion(key, now);
  return postForm(key.token_uri, { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion }, fetching);
}

const maxSkewMs = 60_000;

/** Where machines of Google Cloud find the tokens of their service account. */
const metadataUrl = 'http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token';

/** The tokens of the service account that the machine, container or pod on Google Cloud runs as. */
export function fromMetadataServer({ transport }: Pick<Tools, 'transport'>, url = metadataUrl): FetchToken {
  return async (signal) =>
    toToken(await ask(transport, { method: 'GET', url, headers: { 'metadata-flavor': 'Google' }, signal }));
}

async function fetchUserToken({ token_uri: url, ...user }: UserCredentials, fetching: Fetching): Promise<AccessToken> {
  const { client_id, client_secret, refresh_token, quota_project_id: quotaProject } = user;
  const form = { grant_type: 'refresh_token', client_id, client_secret, refresh_token };
  const token = toToken(await postForm(url, form, fetching));
  return { ...token, ...(quotaProject !== undefined && { quotaProject }) };
}
