/** The organization of keys that name none. */
export const defaultOrganizationId = 'default';

/** An organization may have this many times what one of its keys may have: of uploads, streams and waits. */
export const organizationFactor = 5;
