/** The wire that a request came by. `store/sqlite/database/migrations/010-wires.ts` says more. */
export const wires = `
ALTER TABLE requests ADD COLUMN wire text NOT NULL DEFAULT 'queue';
`;
