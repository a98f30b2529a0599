import pg from 'pg';
import { startTestServer } from '../postgres/test-database.ts';

/**
 * Runs statements on a real server, with its own user in place of `darkroom`, and rolls them back. Rejects when one is
 * refused.
 */
export async function runSql(code: string): Promise<void> {
  const server = await startTestServer();
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query(code.replaceAll('ROLE darkroom', 'ROLE CURRENT_USER'));
    await client.query('ROLLBACK');
  } finally {
    await client.end();
    await server.stop();
  }
}
