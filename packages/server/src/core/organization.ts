/** The organization of keys that name none. */
export const defaultOrganizationId = 'default';
