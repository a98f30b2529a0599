/** Where the operator's calls live. */
export const adminPrefix = '/api/v1/admin';
