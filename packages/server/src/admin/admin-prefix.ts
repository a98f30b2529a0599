/** The prefix of the operator's calls. */
export const adminPrefix = '/api/v1/admin';
