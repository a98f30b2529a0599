import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Files that take long, roughly the longest first. A long file that starts late keeps one worker busy while the others have nothing to do.
 * Vitest remembers how long files took, but a fresh clone has no such memory, and some of these files are small. Those that mostly
 * wait are between those that keep a core busy.
 */
const long = [
  'store/postgres/postgres-store.test.ts',
  'chaos/chaos.test.ts',
  'browser/away.test.ts',
  'soak/soak.test.ts',
  'docs/blocks.test.ts',
  'roles.test.ts',
  'server/test/webhooks.test.ts',
  'siege/siege.test.ts',
  'kill.test.ts',
  'cli-server.test.ts',
  'worker/batch/kill-points.test.ts',
  'store/sqlite/sqlite-store.test.ts',
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const projects = Map.groupBy(await super.sort(files), ({ project }) => project.name);
    return [...projects.values()].flatMap((own) => own.sort((a, b) => toRank(a) - toRank(b)));
  }
}

function toRank({ moduleId }: TestSpecification): number {
  const rank = long.findIndex((name) => moduleId.endsWith(`/${name}`));
  return rank < 0 ? long.length : rank;
}
