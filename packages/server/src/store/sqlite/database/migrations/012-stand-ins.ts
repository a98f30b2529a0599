/**
 * Another model may be called instead of the request's own, unless the request says that it does not allow it. A line of the
 * attempt log says which model was called instead and why (`StandIn`, as JSON); its `model` is the id that the upstream has for the
 * model that was called.
 */
export const standIns = `
ALTER TABLE requests ADD COLUMN allows_stand_in INTEGER NOT NULL DEFAULT 1 CHECK (allows_stand_in IN (0, 1));

ALTER TABLE attempts ADD COLUMN stand_in TEXT;
`;
