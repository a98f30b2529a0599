import type { ToldAddresses } from '../decisions/news.ts';
import { spreadAtOnce } from '../rows/webhook-rows.ts';
import type { IsolateOptions } from './isolate-rows.ts';
import { PoisonedRows, type Trace } from './poisoned-rows.ts';

/** News that the endpoints up to this one have been told. */
export interface NewsStep {
  readonly requestId: string;
  readonly seq: number;
  readonly afterEndpoint: string;
}

export interface SpreadQuery {
  /** The most endpoints to read, for one or many news. */
  readonly limit: number;
  /** Requests whose news stay where they are. */
  readonly leftOut: readonly string[];
}

export interface ToldNews extends NewsStep {
  /** How many were made. 0: no address asks for such news. */
  readonly deliveries: number;
}

export interface SpreadResult {
  readonly told: readonly ToldNews[];
  readonly hasMore: boolean;
}

/** The part of a store that turns news into deliveries. */
export interface TracedNews {
  /** Turns the oldest news into deliveries. */
  spread(query: SpreadQuery, trace: Trace): Promise<SpreadResult>;
  /** Ends a step by telling only these addresses. Resolves to whether the news was still there. */
  endStep(step: NewsStep, told: ToldAddresses): Promise<boolean>;
}

/**
 * Keeps news from stopping others (`PoisonedRows`). Where the database refuses to make a delivery, that address is not told, and
 * all others are. News that cannot even be ended are left out together with all later news of their request, which keeps the order.
 */
export class IsolatedNews {
  readonly #traced: TracedNews;
  readonly #isRowFault: IsolateOptions['isRowFault'];
  readonly #poisoned: PoisonedRows;

  constructor(traced: TracedNews, options: Omit<IsolateOptions, 'end'>) {
    this.#traced = traced;
    this.#isRowFault = options.isRowFault;
    this.#poisoned = new PoisonedRows({
      ...options,
      end: (id) => this.#poisoned.insist(id, { what: 'tell', ways: this.#toWays(fromText(id)) }),
      toFacts: (id) => {
        const { requestId, seq, afterEndpoint } = fromText(id);
        return { event: 'news.poisoned', request_id: requestId, seq: String(seq), after_endpoint: afterEndpoint };
      },
    });
  }

  /** Requests whose news are not read for now. */
  leftOut(now: number): readonly string[] {
    return toRequests(this.#poisoned.aside(now));
  }

  /** These news were told without fault. */
  saw(told: readonly ToldNews[]): void {
    if (told.some(isDelivered)) this.#poisoned.worked();
  }

  /** Makes deliveries, one by one where it has to. Resolves to whether there may be more. Does not reject because of news at fault. */
  async spread(now: number): Promise<boolean> {
    let hasMore = false;
    const run = async (limit: number, trace: Trace) => {
      const result = await this.#traced.spread({ limit, leftOut: toRequests(trace.aside) }, trace);
      hasMore = result.hasMore;
      return result.told;
    };
    try {
      await this.#poisoned.isolate({ what: 'spread', now, limit: spreadAtOnce, run, isProof: isDelivered });
    } catch (error) {
      // The fault is in the log, and deliveries do not wait for news.
      if (!this.#isRowFault(error)) throw error;
    }
    return hasMore;
  }

  #toWays(step: NewsStep): readonly (() => Promise<boolean>)[] {
    const ways: readonly ToldAddresses[] = [
      { own: false, endpoint: true },
      { own: true, endpoint: false },
      { own: false, endpoint: false },
    ];
    return ways.map((told) => () => this.#traced.endStep(step, told));
  }
}

/** News that no address asks for succeed even when every delivery is refused. */
function isDelivered({ deliveries }: ToldNews): boolean {
  return deliveries > 0;
}

/** A step as the id of a row. */
export function toStepText({ requestId, seq, afterEndpoint }: NewsStep): string {
  return `${requestId}\n${seq}\n${afterEndpoint}`;
}

function fromText(id: string): NewsStep {
  const [requestId = '', seq = '', afterEndpoint = ''] = id.split('\n');
  return { requestId, seq: Number(seq), afterEndpoint };
}

function toRequests(aside: ReadonlySet<string>): readonly string[] {
  return [...aside].map((id) => fromText(id).requestId);
}
