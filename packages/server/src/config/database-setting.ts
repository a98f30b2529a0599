import { z } from 'zod';

const error = 'must be a PostgreSQL URL: postgres://USER:PASSWORD@HOST:5432/DATABASE';

/** Reads `DATABASE_URL`. Its message never contains the value, which holds a password. */
export const databaseUrlSchema = z.string({ error }).refine(isDatabaseUrl, { error });

export function isDatabaseUrl(text: string): boolean {
  if (!/^postgres(ql)?:\/\//.test(text) || !URL.canParse(text)) return false;
  const { hostname, pathname } = new URL(text);
  return hostname !== '' && pathname.length > 1;
}
