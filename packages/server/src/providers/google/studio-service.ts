import type { Account } from '../provider.ts';
import type { GoogleService } from './google-service.ts';
import { toRequestBody } from './request-body.ts';

/** Google AI Studio, or any service that speaks its protocol, such as the sandbox. `account` is read at every call. */
export function createStudioService(account: Account): GoogleService {
  const toRootUrl = (prefix = '') => {
    // `v1beta`: the `v1` of the API does not serve image models.
    const { baseUrl = 'https://generativelanguage.googleapis.com', apiVersion = 'v1beta' } = account;
    return `${baseUrl.replace(/\/+$/, '')}/${prefix}${apiVersion}`;
  };
  const toModelUrl = (upstreamModel: string) => `${toRootUrl()}/models/${encodeURIComponent(upstreamModel)}`;
  return {
    toModelUrl,
    toRootUrl,
    toCheck: (upstreamModel) => ({ method: 'GET', url: toModelUrl(upstreamModel) }),
    toBody: toRequestBody,
    authorize: async () => ({ headers: { 'x-goog-api-key': account.apiKey }, secret: account.apiKey }),
    failureRows: [],
    close: async () => {},
  };
}
