/** Service tiers. `store/sqlite/database/migrations/013-service-tiers.ts` says more. The triggers of 001 count moves as they are. */
export const serviceTiers = `
ALTER TABLE requests ADD COLUMN service_tier text;
ALTER TABLE requests ADD COLUMN moves_up_at bigint;
ALTER TABLE attempts ADD COLUMN service_tier text;

CREATE INDEX requests_moving_up ON requests (moves_up_at) WHERE status = 'queued' AND moves_up_at IS NOT NULL;
`;
