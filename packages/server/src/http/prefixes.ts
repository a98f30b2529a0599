/** The addresses of the house's own calls that require an API key. The queue wire, which came first, has the same prefix. */
export const housePrefix = '/api/v1/ie/requestqueue/apikey';

/** Where the code of a sign-in link is exchanged for a key. */
export const signInPath = '/api/v1/sign-in';

/** Where the console shows the key that somebody signs in with. */
export const signInKeyPath = `${signInPath}/key`;

/** Where a browser is sent to sign in through the provider, and where the provider sends it back to. */
export const openIdPath = `${signInPath}/openid-connect`;
export const openIdReturnPath = `${openIdPath}/callback`;
