import type { Account } from '../provider.ts';
import type { GoogleService } from './google-service.ts';
import { toRequestBody } from './request-body.ts';

/** Google AI Studio, or any service that speaks its protocol, such as the sandbox. `account` is read at every call. */
export function createStudioService(account: Account): GoogleService {
  const toModelUrl = (upstreamModel: string) => {
    // `v1beta`: the `v1` of the API does not serve image models.
    const { baseUrl = 'https://generativelanguage.googleapis.com', apiVersion = 'v1beta' } = account;
    return `${baseUrl.replace(/\/+$/, '')}/${apiVersion}/models/${encodeURIComponent(upstreamModel)}`;
  };
  return {
    toModelUrl,
    toCheck: (upstreamModel) => ({ method: 'GET', url: toModelUrl(upstreamModel) }),
    toBody: toRequestBody,
    authorize: async () => ({ headers: { 'x-goog-api-key': account.apiKey }, secret: account.apiKey }),
    failureRows: [],
    close: async () => {},
  };
}
