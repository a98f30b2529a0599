/** Deadlines of requests that a worker holds: the counterpart of `requests_by_deadline`, and as short as the calls under way. */
export const deadlines = `
CREATE INDEX requests_held_by_deadline ON requests (deadline_at) WHERE status = 'processing';
`;
