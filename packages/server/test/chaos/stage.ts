import { parseApiKeyId } from '../../src/core/api-keys.ts';
import { budgetPeriods } from '../../src/core/budgets.ts';
import { createApiKey } from '../../src/keys/api-keys.ts';
import type { ChaosVendors } from './chaos-vendors.ts';
import { type Ground, withStore } from './ground.ts';
import { fallbacks, upstreamNames, upstreams } from './models.ts';
import { organizationIds, poorOrganizationId } from './plan.ts';

export const adminKey = 'chaos-operator-key';

/** What is different about each upstream: where it is, and the kind of its limits. */
function toPlaces({ google, openai }: ChaosVendors): Readonly<Record<keyof typeof upstreams, object>> {
  return {
    north: { base_url: google.url, concurrency: 8, requests_per_minute: 200 },
    south: { base_url: google.urlOfLine, concurrency: 6, dollars_per_ten_minutes: 60 },
    east: { base_url: `${openai.urlOfLine}/v1`, concurrency: 8, images_per_minute: 200 },
  };
}

/** The settings of every server besides its ground. */
export function toSettings(vendors: ChaosVendors): Readonly<Record<string, string>> {
  const places = toPlaces(vendors);
  return {
    PORT: '0',
    LOG_LEVEL: 'info',
    DARKROOM_PUBLIC_URL: 'http://darkroom.test',
    DARKROOM_API_KEY: adminKey,
    DARKROOM_UPSTREAMS: JSON.stringify(
      upstreamNames.map((name) => ({
        name,
        provider: upstreams[name],
        api_key: `key-of-${name}`,
        ...places[name],
      })),
    ),
    DARKROOM_MODELS: JSON.stringify(Object.entries(fallbacks).map(([id, fallback]) => ({ id, fallback }))),
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
