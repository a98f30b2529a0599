/** `store/sqlite/database/migrations/018-ordered-costs.ts` says what it means. */
export const orderedCosts = `
ALTER TABLE requests ADD COLUMN ordered_cost_micros bigint;
`;
