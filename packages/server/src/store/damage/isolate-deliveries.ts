import { ownUrl } from '../rows/webhook-rows.ts';
import type { WebhookStore } from '../webhook-store.ts';
import { IsolatedNews, type SpreadResult, type TracedNews } from './isolate-news.ts';
import type { IsolateOptions } from './isolate-rows.ts';
import { PoisonedRows, type Trace } from './poisoned-rows.ts';

type ClaimQuery = Parameters<WebhookStore['claim']>[0];
type ClaimResult = Awaited<ReturnType<WebhookStore['claim']>>;

/** The deliveries of an organization to one address. */
export interface DeliveryLane {
  readonly organizationId: string;
  /** Or `ownUrl`. */
  readonly endpointId: string;
}

export interface TracedClaimQuery extends ClaimQuery {
  /** Requests whose news stay where they are. */
  readonly leftOut: readonly string[];
}

export interface TracedClaimResult extends ClaimResult {
  /** `undefined` when the claim handled only one lane. */
  readonly news: SpreadResult | undefined;
}

/** A store whose claims record the lanes that they touch, and which can end a delivery without a result. */
export interface TracedWebhookStore extends Omit<WebhookStore, 'claim'>, TracedNews {
  /** First turns news into deliveries, unless it handles only one lane. */
  claim(query: TracedClaimQuery, trace: Trace): Promise<TracedClaimResult>;
  /** Resolves to whether it was pending. */
  giveUp(id: string): Promise<boolean>;
  /** The delivery that the next claim would take from the lane. */
  findFirst(lane: DeliveryLane, now: number): Promise<{ readonly id: string } | undefined>;
}

/** The store in which no delivery stops another (`PoisonedRows`), the same for both databases. */
export function isolateDeliveries(traced: TracedWebhookStore, options: Omit<IsolateOptions, 'end'>): WebhookStore {
  const { giveUp, spread, endStep, findFirst, ...others } = traced;
  const news = new IsolatedNews({ spread, endStep }, options);
  const poisoned = new PoisonedRows({
    ...options,
    end: async (id, now) => {
      const first = await findFirst(fromText(id), now);
      return first !== undefined && (await giveUp(first.id));
    },
    toFacts: (id) => {
      const { organizationId, endpointId } = fromText(id);
      return { event: 'delivery.poisoned', organization_id: organizationId, endpoint_id: endpointId };
    },
  });
  return {
    ...others,
    claim: async (query) => {
      let nextAt: number | undefined;
      const deliveries = await poisoned.isolate({
        what: 'claim',
        now: query.now,
        limit: query.limit,
        run: async (limit, trace) => {
          // Spread separately, so that a fault of news is not mistaken for one of a lane.
          const isMoreLeft = trace.isAlone && (await news.spread(query.now));
          const result = await traced.claim({ ...query, limit, leftOut: news.leftOut(query.now) }, trace);
          if (result.news) news.saw(result.news.told);
          // Deliveries that are left out are no reason to ask again at once.
          const isLeftOut = trace.aside.size > 0 && (result.nextAt ?? 0) <= query.now;
          if (isMoreLeft || result.news?.hasMore) nextAt = query.now;
          else nextAt = isLeftOut ? undefined : result.nextAt;
          return result.deliveries;
        },
      });
      return { deliveries, nextAt };
    },
    endTry: (delivery, end) =>
      poisoned.insist(toLaneText({ ...delivery, endpointId: delivery.endpointId ?? ownUrl }), {
        what: `end a try of ${delivery.id}`,
        ways: [() => traced.endTry(delivery, end), async () => void (await giveUp(delivery.id))],
      }),
  };
}

/** A lane as the id of a row. */
export function toLaneText({ organizationId, endpointId }: DeliveryLane): string {
  return `${organizationId}\n${endpointId}`;
}

function fromText(id: string): DeliveryLane {
  const [organizationId = '', endpointId = ''] = id.split('\n');
  return { organizationId, endpointId };
}
