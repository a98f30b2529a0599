import type { DarkroomAdmin } from '@darkroom/client';
import type { LimitName } from '@darkroom/protocol';

/** An organization with a limit, which one of its keys has, too, at a smaller value. */
export interface LimitedOrganization {
  readonly limit: LimitName;
  readonly keys: readonly string[];
}

/** The limits that are reached within seconds: of a key, and of its organization. */
const limits = [
  ['uploads_per_minute', 3, 6],
  ['open_streams', 2, 4],
  ['stored_bytes', 1_000, 5_000],
  ['body_bytes_per_minute', 10_000, 20_000],
] as const satisfies readonly (readonly [LimitName, number, number])[];

/** What an organization that goes on at each of these limits is told, at least once. */
export const expectedRefusals = limits.flatMap(([name]) => [`key ${name}`, `organization ${name}`]);

/** Makes an organization for each limit. */
export function createLimited(admin: DarkroomAdmin): Promise<readonly LimitedOrganization[]> {
  return Promise.all(
    limits.map(async ([limit, ofKey, ofOrganization]) => {
      const id = `at-${limit}`;
      await admin.createOrganization({ id, limits: { [limit]: ofOrganization } });
      const creating = [{ [limit]: ofKey }, {}].map((own) =>
        admin.createKey({ name: id, organization_ids: [id], limits: own }),
      );
      return { limit, keys: (await Promise.all(creating)).map(({ api_key: key }) => key) };
    }),
  );
}
