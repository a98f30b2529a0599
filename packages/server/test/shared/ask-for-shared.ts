/** The address of what `global-setup.ts` makes once for all test files of a run. `undefined` outside of such a run. */
const door = process.env['SHARED_BY_TESTS'];

/** The URL of the run's browser or PostgreSQL server, or the folder of the programs that were built for it. */
export async function askForShared(name: 'chromium' | 'postgres' | 'programs'): Promise<string> {
  const response = await fetch(`${door}/${name}`);
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text;
}

export const isSharing = door !== undefined;
