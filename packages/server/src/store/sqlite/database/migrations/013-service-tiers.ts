/**
 * Service tiers. `requests.service_tier` is what the submit asked for, NULL for nothing; `attempts.service_tier` is what the upstream
 * says it used. Requests of a tier that may be refused for hours wait in lanes apart: `model` then ends with the tier
 * (`core/service-tiers.ts`). `moves_up_at` is when a request that asked for the cheapest tier goes to the lane of the next one.
 */
export const serviceTiers = `
ALTER TABLE requests ADD COLUMN service_tier TEXT;
ALTER TABLE requests ADD COLUMN moves_up_at INTEGER;
ALTER TABLE attempts ADD COLUMN service_tier TEXT;

CREATE INDEX requests_moving_up ON requests (moves_up_at) WHERE status = 'queued' AND moves_up_at IS NOT NULL;

CREATE TRIGGER requests_moved AFTER UPDATE OF model ON requests WHEN new.model <> old.model BEGIN
  INSERT INTO lanes (organization_id, model, turn)
  VALUES (
    new.organization_id,
    new.model,
    coalesce((SELECT turn FROM lanes WHERE organization_id = new.organization_id LIMIT 1), 0)
  )
  ON CONFLICT DO NOTHING;
  UPDATE lanes SET ready = ready - old.ready, queued = queued - (old.status = 'queued')
  WHERE organization_id = old.organization_id AND model = old.model;
  UPDATE lanes SET ready = ready + new.ready, queued = queued + (new.status = 'queued')
  WHERE organization_id = new.organization_id AND model = new.model;
END;
`;
