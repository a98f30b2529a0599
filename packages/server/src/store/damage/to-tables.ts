/** Called when a statement meets damaged pages, with the names of its tables. */
export type OnDamage = (tables: string) => void;

/** The names of the tables of a statement, for the log. */
export function toTables(sql: string): string {
  const names = [...sql.matchAll(/\b(?:FROM|JOIN|INTO|UPDATE)\s+([a-z_]+)/g)].map(([, name]) => name);
  return [...new Set(names)].join(', ');
}
