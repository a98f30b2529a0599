/** The wire that a request came by. All earlier requests came by the queue's. */
export const wires = `
ALTER TABLE requests ADD COLUMN wire TEXT NOT NULL DEFAULT 'queue';
`;
