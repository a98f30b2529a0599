/**
 * The audit log: who (`actor_…`, `address`) did what (`action`) to what (`target`), and the facts before and after as JSON. Rows are
 * only ever added: the triggers refuse everything else.
 */
export const audit = `
CREATE TABLE audit (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  actor_kind TEXT NOT NULL,
  actor_id TEXT NOT NULL,
  actor_name TEXT NOT NULL,
  address TEXT,
  action TEXT NOT NULL,
  target TEXT NOT NULL,
  organization_id TEXT,
  facts_before TEXT,
  facts_after TEXT
) STRICT;

CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX audit_by_actor ON audit (actor_id, at);
CREATE INDEX audit_by_action ON audit (action, at);
CREATE INDEX audit_by_target ON audit (target, at);
CREATE INDEX audit_by_organization ON audit (organization_id, at);

CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN
  SELECT RAISE(ABORT, 'The audit log is never changed.');
END;
CREATE TRIGGER audit_is_not_removed BEFORE DELETE ON audit BEGIN
  SELECT RAISE(ABORT, 'Nothing is removed from the audit log.');
END;
`;
