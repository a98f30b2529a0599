import { parseApiKeyId } from '../../src/core/api-keys.ts';
import { budgetPeriods } from '../../src/core/budgets.ts';
import { createApiKey } from '../../src/keys/api-keys.ts';
import type { ChaosUpstream } from './chaos-upstream.ts';
import { type Ground, withStore } from './ground.ts';
import { organizationIds, poorOrganizationId } from './plan.ts';

export const adminKey = 'chaos-operator-key';
export const upstreamNames = ['north', 'south'] as const;
export const models = ['gemini-3-pro-image', 'gemini-nano-banana-2.1'] as const;

/** The settings of every server besides its ground. The two upstreams are one sandbox, with different kinds of limits. */
export function toSettings(upstream: ChaosUpstream): Readonly<Record<string, string>> {
  const [north, south] = upstreamNames;
  return {
    PORT: '0',
    LOG_LEVEL: 'info',
    DARKROOM_PUBLIC_URL: 'http://darkroom.test',
    DARKROOM_API_KEY: adminKey,
    DARKROOM_UPSTREAMS: JSON.stringify([
      { name: north, api_key: 'key-of-north', base_url: upstream.url, concurrency: 8, requests_per_minute: 200 },
      {
        name: south,
        api_key: 'key-of-south',
        base_url: upstream.urlOfLine,
        concurrency: 6,
        dollars_per_ten_minutes: 60,
      },
    ]),
    // In waves of overload the quick model helps out.
    DARKROOM_MODELS: JSON.stringify([
      { id: models[0], fallback: [{ model: models[1], when: ['overloaded', 'resting'] }] },
    ]),
    DARKROOM_CONCURRENCY: '6',
    DARKROOM_DRAIN_SECONDS: '5',
    DARKROOM_LOST_ANSWER_RETRIES: '3',
    // The machine may be short of either; the real limits have their own tests.
    DARKROOM_MIN_FREE_DISK_MB: '0',
    DARKROOM_MIN_FREE_MEMORY_MB: '0',
  };
}

/** For a third of all requests, each about 0.15 dollars: some must not fit. */
const poorShareMicros = 25_000;

/** A key for each organization, and budgets of every kind; one of them is too small. */
export function prepareOrganizations(ground: Ground, requests: number): Promise<ReadonlyMap<string, string>> {
  return withStore(ground, async (store) => {
    const keys = new Map<string, string>();
    const now = Date.now();
    for (const id of organizationIds) {
      const key = await createApiKey(store.keys, { name: id, organizationIds: [id], now });
      keys.set(id, key);
      const limitMicros = id === poorOrganizationId ? requests * poorShareMicros : 10_000_000_000;
      for (const period of budgetPeriods) {
        await store.budgets.set({ scope: 'organization', id, period, limitMicros }, now);
        await store.budgets.set(
          { scope: 'key', id: parseApiKeyId(key) ?? '', period, limitMicros: 10_000_000_000 },
          now,
        );
      }
    }
    return keys;
  });
}
