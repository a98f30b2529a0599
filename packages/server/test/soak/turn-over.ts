import { setTimeout as sleep } from 'node:timers/promises';
import { createPictureName } from '../../src/media/picture-name.ts';
import { createLogger } from '../../src/platform/logger.ts';
import {
  leaseMs,
  picture,
  submitOne,
  successOutcome,
  toCallEnd,
  toClaimQuery,
} from '../../src/store/contract/fixtures.ts';
import type { Store } from '../../src/store/store.ts';
import { createPruner } from '../../src/upkeep/pruner.ts';
import { ManualClock } from '../fakes/manual-clock.ts';
import type { SoakDatabase } from './soak-database.ts';

/**
 * The rows of many requests, without their pictures: each is submitted, claimed and settled, and the pruner of a worker removes those
 * that ended some thousand requests ago. A request lasts a second of a clock of the test.
 */
export interface TurnOver {
  readonly requests: number;
  readonly seconds: number;
  /** After each tenth. */
  readonly databaseMB: readonly number[];
  readonly rows: readonly number[];
}

const atOnce = 50;
const keptRequests = 2_000;
const tenths = 10;

export async function turnOver(store: Store, database: SoakDatabase, requests: number): Promise<TurnOver> {
  const clock = new ManualClock();
  const logger = createLogger('silent');
  // Nothing is in a storage.
  const media = { discardStored: async () => undefined };
  const keptMs = keptRequests * 1_000;
  const kept = { requests: [{ keptMs }], pictures: [], webhooksMs: keptMs, tombstonesMs: 3_000 };
  const pruner = createPruner({ removals: store.removals, media, kept, clock, logger });
  const begun = performance.now();
  const databaseMB: number[] = [];
  const rows: number[] = [];
  await pruner.start();
  for (let made = 0; made < requests; made += atOnce) {
    await makeSome(store, clock);
    // Wakes the pruner, too, from its pauses.
    clock.advance(atOnce * 1_000);
    await untilPruned(store, clock);
    if (Math.floor(((made + atOnce) * tenths) / requests) === databaseMB.length) continue;
    databaseMB.push((await database.bytes()) / 2 ** 20);
    rows.push(await database.countRows('requests'));
  }
  await pruner.stop();
  return { requests, seconds: Math.round((performance.now() - begun) / 1_000), databaseMB, rows };
}

async function makeSome({ requests }: Store, clock: ManualClock): Promise<void> {
  const now = clock.now();
  const times = { createdAt: now, deadlineAt: now + 3_600_000 };
  await Promise.all(Array.from({ length: atOnce }, () => submitOne(requests, times)));
  const { claims } = await requests.claim(toClaimQuery({ limit: atOnce, now, leaseMs }));
  await Promise.all(
    claims.map(async ({ lease }) => {
      await requests.beginCalls(lease, { imageIndexes: [0], now });
      const name = createPictureName('image/png');
      const made = { ...picture, name, sha256: name };
      const end = toCallEnd({ endedAt: now, answer: { parts: [{ kind: 'picture', picture: made }] } });
      const verdict = { kind: 'succeed', outcome: { ...successOutcome, pictures: [made] } } as const;
      await requests.settle({ lease, ends: [end], verdict, now });
    }),
  );
}

/** The pruner may lag behind by a few batches. */
async function untilPruned({ requests }: Store, clock: ManualClock): Promise<void> {
  const most = keptRequests + 10 * atOnce;
  while ((await requests.list({ organizationId: 'org-a', limit: 1 })).total > most) {
    clock.advance(10);
    await sleep(1);
  }
}

export function toTurnOverSummary(name: string, { requests, seconds, databaseMB, rows }: TurnOver): string {
  const list = (values: readonly number[]) => values.map((value) => value.toFixed(value < 100 ? 1 : 0)).join(' ');
  return [
    `${name}: the rows of ${requests.toLocaleString('en-US')} requests turned over in ${seconds} s, of which about ${keptRequests.toLocaleString('en-US')} are kept`,
    `  database, MB, by tenths  ${list(databaseMB)}`,
    `  requests, by tenths      ${rows.join(' ')}`,
  ].join('\n');
}
