/** Which model was called instead of the request's own. `store/sqlite/database/migrations/012-stand-ins.ts` says more. */
export const standIns = `
ALTER TABLE requests ADD COLUMN allows_stand_in boolean NOT NULL DEFAULT true;

ALTER TABLE attempts ADD COLUMN stand_in text;
`;
