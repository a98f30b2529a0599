import { setTimeout as pause } from 'node:timers/promises';
import { createDice, type Dice } from './dice.ts';
import type { Fleet } from './fleet.ts';
import type { PlannedOrder } from './plan.ts';
import { callWire, requestsPath, type WireAnswer, type WireCall } from './wire.ts';

export interface CustomersOptions {
  readonly seed: number;
  readonly orders: readonly PlannedOrder[];
  readonly fleet: Fleet;
  /** The API key of an organization. */
  readonly keys: ReadonlyMap<string, string>;
  /** A `data:` URI. */
  readonly picture: string;
  /** Customers stop asking when it aborts. */
  readonly signal: AbortSignal;
}

/** How an order was answered. */
export interface Placed {
  readonly order: PlannedOrder;
  /** Every id with which its idempotency key was answered. */
  readonly ids: ReadonlySet<string>;
  /** The statuses other than 200 that ended its submits. */
  readonly refusals: readonly number[];
}

type Reply = { readonly id: string } | { readonly refusal: number };

/** The customers. They ask again, at any server, until they have an answer; some send twice, some change their minds. */
export async function serveCustomers(options: CustomersOptions): Promise<readonly Placed[]> {
  const begin = Date.now();
  const placed = new Map<number, Promise<Placed>>();
  for (const order of options.orders) {
    await pause(Math.max(0, begin + order.atMs - Date.now()));
    placed.set(order.index, place(order, { ...options, placed, dice: createDice(options.seed, `${order.index}`) }));
  }
  return Promise.all(placed.values());
}

interface Counter extends CustomersOptions {
  readonly dice: Dice;
  readonly placed: ReadonlyMap<number, Promise<Placed>>;
}

async function place(order: PlannedOrder, counter: Counter): Promise<Placed> {
  const submission = {
    method: 'POST',
    path: requestsPath,
    body: await toBody(order, counter),
    headers: { 'idempotency-key': order.idempotencyKey },
  } as const;
  const replies = await Promise.all(
    Array.from({ length: order.isSentTwice ? 2 : 1 }, () => submit(submission, order, counter)),
  );
  const ids = new Set(replies.flatMap((reply) => ('id' in reply ? reply.id : [])));
  for (const id of order.cancelAfterMs === undefined ? [] : ids) {
    await pause(order.cancelAfterMs);
    await insist({ method: 'POST', path: `${requestsPath}/${id}/cancel` }, order, counter);
  }
  return { order, ids, refusals: replies.flatMap((reply) => ('refusal' in reply ? reply.refusal : [])) };
}

async function toBody(order: PlannedOrder, { picture, ...counter }: Counter): Promise<object> {
  const previous = order.follows === undefined ? undefined : await findPicture(order, order.follows, counter);
  return {
    model: order.model,
    priority: order.priority,
    deadline_seconds: order.deadlineSeconds,
    ...(order.serviceTier && { service_tier: order.serviceTier }),
    ...(!order.allowsStandIn && { fallback: false }),
    payload: {
      prompt: order.prompt,
      number_of_images: order.images,
      image_output_format: order.format,
      ...(order.isWithPicture && { image: picture }),
      ...(previous !== undefined && { previous_request_id: previous }),
    },
  };
}

/** The id of the earlier request, if it belongs to the same organization and has succeeded by now. */
async function findPicture(
  order: PlannedOrder,
  follows: number,
  counter: Omit<Counter, 'picture'>,
): Promise<string | undefined> {
  const earlier = await counter.placed.get(follows);
  const [id] = earlier?.ids ?? [];
  if (id === undefined || earlier?.order.organizationId !== order.organizationId) return undefined;
  const answer = await insist({ method: 'GET', path: `${requestsPath}/${id}` }, order, counter);
  const { status } = answer.body as { readonly status?: string }; // a record, or a problem without a status
  return status === 'success' ? id : undefined;
}

async function submit(call: Omit<WireCall, 'url' | 'key'>, order: PlannedOrder, counter: Counter): Promise<Reply> {
  const answer = await insist(call, order, counter);
  // The body of a 200 is the reply of a submit.
  return answer.status === 200
    ? { id: (answer.body as { readonly request_id: string }).request_id }
    : { refusal: answer.status };
}

/** Asks any server that is up until one gives an answer that will not change by itself; status 0 when none ever did. */
async function insist(
  call: Omit<WireCall, 'url' | 'key'>,
  { organizationId }: PlannedOrder,
  { fleet, keys, signal, dice }: Omit<Counter, 'picture'>,
): Promise<WireAnswer> {
  const key = keys.get(organizationId) ?? '';
  while (!signal.aborted) {
    const [first, ...others] = fleet.urls;
    const answer =
      first && (await callWire({ ...call, url: dice.pick([first, ...others]), key }).catch(() => undefined));
    if (answer && answer.status < 500 && answer.status !== 429) return answer;
    await pause(dice.between(50, 400));
  }
  return { status: 0, body: {} };
}
