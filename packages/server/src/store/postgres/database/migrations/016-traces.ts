/** As in SQLite. */
export const traces = `
ALTER TABLE requests ADD COLUMN traceparent text;
`;
