/** Where the request-queue wire lives. */
export const wirePrefix = '/api/v1/ie/requestqueue/apikey';

/** The wire serves the model routes here as well. */
export const modelPrefix = '/api/v1/apikey';

/** Where the operator's calls live. */
export const adminPrefix = '/api/v1/admin';

/** Where the code of a sign-in link is exchanged for a key. */
export const signInPath = '/api/v1/sign-in';

/** Some clients leave out the `/apikey` of the wire's addresses: both mean the same. */
export function toFullPath(url: string): string {
  return url
    .replace(/^\/api\/v1\/ie\/requestqueue(?=\/)(?!\/apikey(?:\/|$))/, wirePrefix)
    .replace(/^\/api\/v1(?=\/models(?:[/?]|$))/, modelPrefix);
}
