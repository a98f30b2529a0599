/** Statement by statement, in the order of the totals, so that no two transactions wait for each other. */
function countStored(table: string): string {
  return `
CREATE TRIGGER ${table}_stored AFTER INSERT ON ${table}
  REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION count_stored('1');
CREATE TRIGGER ${table}_unstored AFTER DELETE ON ${table}
  REFERENCING OLD TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION count_stored('-1');
`;
}

/** Organizations, and what keys may do. `store/sqlite/database/migrations/017-organizations.ts` says more. */
export const organizations = `
CREATE TABLE organizations (
  id text COLLATE "C" PRIMARY KEY,
  name text NOT NULL,
  limits text,
  created_at bigint NOT NULL,
  suspended_at bigint
);

INSERT INTO organizations (id, name, created_at)
SELECT id, id, (extract(epoch FROM now()) * 1000)::bigint FROM (
  SELECT 'default' COLLATE "C" AS id UNION SELECT organization_id FROM lanes
  UNION SELECT json_array_elements_text(organization_ids::json) COLLATE "C" FROM api_keys
) AS known;

ALTER TABLE lanes ADD COLUMN is_suspended boolean NOT NULL DEFAULT false;
DROP INDEX lanes_ready;
CREATE INDEX lanes_ready ON lanes (model, turn, organization_id) WHERE has_ready AND NOT is_suspended;

CREATE FUNCTION suspend_lanes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE lanes SET is_suspended = (new.suspended_at IS NOT NULL) WHERE organization_id = new.id;
  RETURN NULL;
END $$;

CREATE TRIGGER organizations_suspended AFTER UPDATE OF suspended_at ON organizations
  FOR EACH ROW EXECUTE FUNCTION suspend_lanes();

CREATE FUNCTION suspend_lane() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- The lock waits for a suspension under way, which cannot see the new lane.
  new.is_suspended := coalesce((
    SELECT suspended_at IS NOT NULL FROM organizations WHERE id = new.organization_id FOR SHARE
  ), false);
  RETURN new;
END $$;

CREATE TRIGGER lanes_suspended BEFORE INSERT ON lanes FOR EACH ROW EXECUTE FUNCTION suspend_lane();

CREATE INDEX requests_queued_by_key ON requests (api_key_id) WHERE status = 'queued';

ALTER TABLE api_keys ADD COLUMN scopes text;
ALTER TABLE api_keys ADD COLUMN limits text;
ALTER TABLE api_keys ADD COLUMN expires_at bigint;
ALTER TABLE api_keys ADD COLUMN last_used_at bigint;
ALTER TABLE api_keys ADD COLUMN old_secret_hash text;
ALTER TABLE api_keys ADD COLUMN old_secret_until bigint;

ALTER TABLE pictures ADD COLUMN owner_id text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE pictures ADD COLUMN owner_key_id text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE pictures ADD COLUMN bytes bigint NOT NULL DEFAULT 0;
ALTER TABLE sent_pictures ADD COLUMN owner_id text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE sent_pictures ADD COLUMN owner_key_id text COLLATE "C" NOT NULL DEFAULT '';

UPDATE pictures SET owner_id = made.organization_id, owner_key_id = made.api_key_id, bytes = made.bytes
FROM (
  SELECT requests.organization_id, requests.api_key_id, attempts.request_id, attempts.number, attempts.image_index,
    part #>> '{picture,name}' AS name, coalesce((part #>> '{picture,bytes}')::bigint, 0) AS bytes
  FROM attempts JOIN requests ON requests.id = attempts.request_id
  CROSS JOIN LATERAL json_array_elements(attempts.answer::json -> 'parts') AS part
  WHERE part ->> 'kind' = 'picture'
) AS made
WHERE pictures.name = made.name AND pictures.request_id = made.request_id AND pictures.number = made.number
  AND pictures.image_index = made.image_index;

UPDATE sent_pictures SET owner_id = uploads.organization_id, owner_key_id = uploads.api_key_id
FROM uploads WHERE uploads.name = sent_pictures.name;

UPDATE sent_pictures SET owner_id = sent.organization_id, owner_key_id = sent.api_key_id
FROM (
  SELECT requests.organization_id, requests.api_key_id, picture ->> 'name' AS name
  FROM payloads JOIN requests ON requests.id = payloads.request_id
  CROSS JOIN LATERAL json_array_elements(payloads.inline::json) AS picture
) AS sent
WHERE sent_pictures.name = sent.name AND sent_pictures.owner_id = '';

CREATE TABLE stored_totals (
  organization_id text COLLATE "C" NOT NULL,
  api_key_id text COLLATE "C" NOT NULL,
  bytes bigint NOT NULL,
  PRIMARY KEY (organization_id, api_key_id)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 500);

INSERT INTO stored_totals (organization_id, api_key_id, bytes)
WITH stored AS (
  SELECT owner_id AS organization_id, owner_key_id AS api_key_id, bytes FROM pictures WHERE owner_id <> ''
  UNION ALL SELECT owner_id AS organization_id, owner_key_id AS api_key_id, bytes FROM sent_pictures WHERE owner_id <> ''
)
SELECT organization_id, '', sum(bytes) FROM stored GROUP BY 1
UNION ALL SELECT organization_id, api_key_id, sum(bytes) FROM stored GROUP BY 1, 2;

CREATE FUNCTION count_stored() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO stored_totals (organization_id, api_key_id, bytes)
  SELECT organization_id, api_key_id, sum(bytes) * TG_ARGV[0]::bigint FROM (
    SELECT owner_id AS organization_id, '' AS api_key_id, bytes FROM changed_rows
    UNION ALL SELECT owner_id, owner_key_id, bytes FROM changed_rows
  ) AS changed WHERE organization_id <> '' GROUP BY 1, 2 ORDER BY 1, 2
  ON CONFLICT (organization_id, api_key_id) DO UPDATE SET bytes = stored_totals.bytes + excluded.bytes;
  RETURN NULL;
END $$;
${countStored('pictures')}${countStored('sent_pictures')}`;
