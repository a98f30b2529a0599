/**
 * The place of a request in a trace (`ImageRequest.traceparent`), so that a worker of another process, or of a later start, goes on
 * with the trace of the submit. NULL for a request that has none.
 */
export const traces = `
ALTER TABLE requests ADD COLUMN traceparent TEXT;
`;
