/**
 * Deadlines of requests that a worker holds: the counterpart of `requests_by_deadline`. It holds only as many rows as calls are
 * under way.
 */
export const deadlines = `
CREATE INDEX requests_held_by_deadline ON requests (deadline_at) WHERE status = 'processing';
`;
