/** The organization of keys that name none. */
export const defaultOrganizationId = 'default';

/** An organization may have so many times what one of its keys may: of uploads, streams and waits. */
export const organizationFactor = 5;
