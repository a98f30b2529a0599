/** Keeps the sums of stored bytes, whoever adds or removes a row. Rows that an older program has written have no owner. */
function countStored(table: string): string {
  return `
CREATE TRIGGER ${table}_stored AFTER INSERT ON ${table} WHEN new.owner_id <> '' BEGIN
  INSERT INTO stored_totals (organization_id, api_key_id, bytes)
  VALUES (new.owner_id, '', new.bytes), (new.owner_id, new.owner_key_id, new.bytes)
  ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes;
END;

CREATE TRIGGER ${table}_unstored AFTER DELETE ON ${table} WHEN old.owner_id <> '' BEGIN
  UPDATE stored_totals SET bytes = bytes - old.bytes
  WHERE organization_id = old.owner_id AND api_key_id IN ('', old.owner_key_id);
END;
`;
}

/**
 * Organizations, and what keys may do.
 *
 * An organization has a row from when it was created or a key named it first; those of before have theirs from here. `limits` are
 * its own, as a JSON object by the names that callers know. Triggers carry `suspended_at` to its lanes, those that exist and those
 * that are created later: claims walk past no suspended lane, however many there are.
 *
 * `api_keys.scopes` is a JSON array; NULL for keys of before, whose `is_admin` says what they may do. Beside `limits`, the limit of
 * submits stays in its column. `old_secret_hash` is of the text before the last rotation, which is valid until `old_secret_until`.
 *
 * `stored_totals` has the bytes of the stored pictures of an organization (`api_key_id` is empty), and those of them that came by
 * each key. A row of `pictures` or `sent_pictures` names its owner, so the sums are exact whoever removes it, foreign keys included.
 */
export const organizations = `
CREATE TABLE organizations (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  limits TEXT,
  created_at INTEGER NOT NULL,
  suspended_at INTEGER
) STRICT, WITHOUT ROWID;

INSERT INTO organizations (id, name, created_at)
SELECT id, id, unixepoch() * 1000 FROM (
  SELECT 'default' AS id UNION SELECT organization_id FROM lanes
  UNION SELECT named.value FROM api_keys, json_each(api_keys.organization_ids) AS named
);

ALTER TABLE lanes ADD COLUMN is_suspended INTEGER NOT NULL DEFAULT 0 CHECK (is_suspended IN (0, 1));
DROP INDEX lanes_ready;
CREATE INDEX lanes_ready ON lanes (model, turn) WHERE ready > 0 AND is_suspended = 0;

CREATE TRIGGER organizations_suspended AFTER UPDATE OF suspended_at ON organizations BEGIN
  UPDATE lanes SET is_suspended = (new.suspended_at IS NOT NULL) WHERE organization_id = new.id;
END;

CREATE TRIGGER lanes_suspended AFTER INSERT ON lanes
WHEN EXISTS (SELECT 1 FROM organizations WHERE id = new.organization_id AND suspended_at IS NOT NULL)
BEGIN
  UPDATE lanes SET is_suspended = 1 WHERE organization_id = new.organization_id AND model = new.model;
END;

CREATE INDEX requests_queued_by_key ON requests (api_key_id) WHERE status = 'queued';

ALTER TABLE api_keys ADD COLUMN scopes TEXT;
ALTER TABLE api_keys ADD COLUMN limits TEXT;
ALTER TABLE api_keys ADD COLUMN expires_at INTEGER;
ALTER TABLE api_keys ADD COLUMN last_used_at INTEGER;
ALTER TABLE api_keys ADD COLUMN old_secret_hash TEXT;
ALTER TABLE api_keys ADD COLUMN old_secret_until INTEGER;

ALTER TABLE pictures ADD COLUMN owner_id TEXT NOT NULL DEFAULT '';
ALTER TABLE pictures ADD COLUMN owner_key_id TEXT NOT NULL DEFAULT '';
ALTER TABLE pictures ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sent_pictures ADD COLUMN owner_id TEXT NOT NULL DEFAULT '';
ALTER TABLE sent_pictures ADD COLUMN owner_key_id TEXT NOT NULL DEFAULT '';

UPDATE pictures SET owner_id = made.organization_id, owner_key_id = made.api_key_id, bytes = made.bytes
FROM (
  SELECT requests.organization_id, requests.api_key_id, attempts.request_id, attempts.number, attempts.image_index,
    part.value ->> '$.picture.name' AS name, coalesce(part.value ->> '$.picture.bytes', 0) AS bytes
  FROM attempts JOIN requests ON requests.id = attempts.request_id, json_each(attempts.answer, '$.parts') AS part
  WHERE part.value ->> '$.kind' = 'picture'
) AS made
WHERE pictures.name = made.name AND pictures.request_id = made.request_id AND pictures.number = made.number
  AND pictures.image_index = made.image_index;

UPDATE sent_pictures SET owner_id = uploads.organization_id, owner_key_id = uploads.api_key_id
FROM uploads WHERE uploads.name = sent_pictures.name;

UPDATE sent_pictures SET owner_id = sent.organization_id, owner_key_id = sent.api_key_id
FROM (
  SELECT requests.organization_id, requests.api_key_id, inline.value ->> '$.name' AS name
  FROM payloads JOIN requests USING (seq), json_each(payloads.inline) AS inline
) AS sent
WHERE sent_pictures.name = sent.name AND sent_pictures.owner_id = '';

CREATE TABLE stored_totals (
  organization_id TEXT NOT NULL,
  api_key_id TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  PRIMARY KEY (organization_id, api_key_id)
) STRICT, WITHOUT ROWID;

INSERT INTO stored_totals (organization_id, api_key_id, bytes)
WITH stored AS (
  SELECT owner_id AS organization_id, owner_key_id AS api_key_id, bytes FROM pictures WHERE owner_id <> ''
  UNION ALL SELECT owner_id AS organization_id, owner_key_id AS api_key_id, bytes FROM sent_pictures WHERE owner_id <> ''
)
SELECT organization_id, '', sum(bytes) FROM stored GROUP BY 1
UNION ALL SELECT organization_id, api_key_id, sum(bytes) FROM stored GROUP BY 1, 2;
${countStored('pictures')}${countStored('sent_pictures')}`;
