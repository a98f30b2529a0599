import { DatabaseSync } from 'node:sqlite';

const maxSentences = 20;

/**
 * What SQLite says about the pages and the indexes of the file, a few sentences at most; none when all is well. `isFast` leaves out the
 * comparison of the indexes with the tables.
 */
export function checkPages(file: string, { isFast }: { readonly isFast: boolean }): readonly string[] {
  using db = new DatabaseSync(file, { readOnly: true });
  try {
    const rows = db.prepare(`PRAGMA ${isFast ? 'quick_check' : 'integrity_check'}(${maxSentences})`).all();
    return rows.flatMap((row) => Object.values(row).map(String)).filter((sentence) => sentence !== 'ok');
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}
