import { housePrefix } from '../../http/prefixes.ts';

/** The prefix of the request-queue wire. */
export const queuePrefix = housePrefix;

/** The wire serves the model routes here as well. */
export const modelPrefix = '/api/v1/apikey';

/** Some clients leave out the `/apikey` of the wire's addresses: both forms have the same meaning. */
export function toFullPath(url: string): string {
  return url
    .replace(/^\/api\/v1\/ie\/requestqueue(?=\/)(?!\/apikey(?:\/|$))/, queuePrefix)
    .replace(/^\/api\/v1(?=\/models(?:[/?]|$))/, modelPrefix);
}
