/** Where the calls of the house's own that take an API key live; the queue wire, which came first, lives there too. */
export const housePrefix = '/api/v1/ie/requestqueue/apikey';

/** Where the code of a sign-in link is exchanged for a key. */
export const signInPath = '/api/v1/sign-in';
