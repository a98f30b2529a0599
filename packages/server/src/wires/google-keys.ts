import { bearerScheme, type KeyScheme } from '../http/auth.ts';

/**
 * How Google's clients send an API key: the header `x-goog-api-key` (its SDKs), `?key=` (curl and older clients), or
 * `Authorization: Bearer` (clients of gateways). The log has no queries, so a key in the address is not written anywhere.
 */
export const googleKeyScheme: KeyScheme = {
  read: (request) => {
    const { headers, query } = request;
    return readText(headers['x-goog-api-key']) ?? readText(toKey(query)) ?? bearerScheme.read(request);
  },
  advice: 'send the header x-goog-api-key: YOUR_API_KEY',
};

function toKey(query: unknown): unknown {
  return typeof query === 'object' && query !== null && 'key' in query ? query.key : undefined;
}

function readText(given: unknown): string | undefined {
  return typeof given === 'string' && given !== '' ? given : undefined;
}

/** For the OpenAPI part of a wire with this scheme. */
export const googleSecuritySchemes = {
  googleApiKey: { type: 'apiKey', in: 'header', name: 'x-goog-api-key' },
} as const;

export const googleSecurity = [{ googleApiKey: [] }, { apiKey: [] }];
