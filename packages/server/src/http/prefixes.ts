/** Where the request-queue wire lives. */
export const wirePrefix = '/api/v1/ie/requestqueue/apikey';

/** The wire serves the model routes here as well. */
export const modelPrefix = '/api/v1/apikey';

/** Where the operator's calls live. */
export const adminPrefix = '/api/v1/admin';

/** Where the code of a sign-in link is exchanged for a key. */
export const signInPath = '/api/v1/sign-in';
