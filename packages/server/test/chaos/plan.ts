import type { TierChoice } from '@darkroom/protocol';
import { createDice, type Dice } from './dice.ts';
import { certainlyRefused, orderedModels, upstreamNames, type Vendor, vendors } from './models.ts';
import { pickWeather } from './weather.ts';

/** The size of the chaos. The same scale gives the same plan; how the machine carries it out differs a little each time. */
export interface ChaosScale {
  readonly seed: number;
  readonly requests: number;
  /** How long the storm lasts, in milliseconds of real time; then it is calm. */
  readonly stormMs: number;
}

/** Everything that will happen, on any ground; `atMs` counts from the beginning of the storm, in real time. */
export interface ChaosPlan {
  readonly orders: readonly PlannedOrder[];
  readonly troubles: readonly Trouble[];
}

/** One request of a customer. */
export interface PlannedOrder {
  readonly index: number;
  readonly atMs: number;
  readonly organizationId: string;
  readonly idempotencyKey: string;
  readonly model: string;
  /** No other order has it, so that the sandbox's calls can be distinguished. */
  readonly prompt: string;
  readonly images: number;
  readonly format: 'png' | 'jpeg';
  readonly priority: number;
  readonly deadlineSeconds: number;
  readonly serviceTier?: TierChoice;
  /** May another model be called instead? */
  readonly allowsStandIn: boolean;
  /** Has a picture inside the payload. */
  readonly isWithPicture: boolean;
  /** Continues the picture of this order, if that exists by then. */
  readonly follows?: number;
  /** The customer sends it to two servers at the same time. */
  readonly isSentTwice: boolean;
  /** How long after the answer the customer changes its mind. */
  readonly cancelAfterMs?: number;
}

export type Trouble = { readonly atMs: number } & (
  | { readonly kind: 'kill'; readonly server: number; readonly signal: 'SIGKILL' | 'SIGTERM'; readonly downMs: number }
  /** Time passes in an instant, as for machines that were frozen. */
  | { readonly kind: 'jump'; readonly byMs: number }
  /** Somebody sets the clocks forward or back. */
  | { readonly kind: 'step'; readonly byMs: number }
  /** Every call to the vendor is answered with 503. */
  | { readonly kind: 'wave'; readonly vendor: Vendor; readonly forMs: number }
  /** The line to the vendor is cut. */
  | { readonly kind: 'line'; readonly vendor: Vendor; readonly forMs: number }
  /** An operator pauses the upstream. */
  | { readonly kind: 'hold'; readonly upstream: string; readonly forMs: number }
  /** An operator resumes all upstreams. */
  | { readonly kind: 'release' }
  /** An operator queues all failed requests again. */
  | { readonly kind: 'requeue' }
);

export const organizationIds = ['meadow', 'harbour', 'attic'] as const;
/** Its budget is too small for its orders. */
export const poorOrganizationId = 'attic';

/** What the times of troubles are made from. */
export interface PlanTimes {
  readonly dice: Dice;
  /** One trouble per this many milliseconds on average, and at least one. */
  several<T>(averageMs: number, make: (atMs: number) => T): readonly T[];
}

export function createPlan(scale: ChaosScale, servers: number): ChaosPlan {
  return { orders: planOrders(scale), troubles: planTroubles(createPlanTimes(scale, 'troubles'), servers) };
}

export function createPlanTimes({ seed, stormMs }: ChaosScale, name: string): PlanTimes {
  const dice = createDice(seed, name);
  return {
    dice,
    several: (averageMs, make) =>
      Array.from({ length: Math.max(1, Math.round(stormMs / averageMs)) }, () =>
        make(Math.floor((0.05 + 0.9 * dice.fraction()) * stormMs)),
      ),
  };
}

const subjects = ['a fox', 'a kite', 'two owls', 'a lighthouse', 'a teapot', 'a comet', 'a garden'] as const;

function planOrders({ seed, requests, stormMs }: ChaosScale): readonly PlannedOrder[] {
  const dice = createDice(seed, 'orders');
  // They stop before the storm does, so that the last ones meet it too.
  const times = Array.from({ length: requests }, () => Math.floor(dice.fraction() * stormMs * 0.85));
  return times
    .sort((a, b) => a - b)
    .map((atMs, index) => {
      const certain = certainlyRefused[index];
      if (certain !== undefined) return planRefused(certain, { index, atMs, seed });
      const follows = index > 10 && dice.happens(0.08) ? index - dice.between(5, 10) : undefined;
      return {
        index,
        atMs,
        organizationId: dice.pick(organizationIds),
        idempotencyKey: `chaos-${seed}-${index}`,
        ...pickModel(dice),
        prompt: `${dice.pick(subjects)}, order ${index} of ${seed}${pickWeather(dice)}`,
        images: dice.happens(0.15) ? dice.between(2, 4) : 1,
        format: dice.pick(['jpeg', 'jpeg', 'png']),
        priority: dice.happens(0.2) ? dice.between(-10, 10) : 0,
        allowsStandIn: !dice.happens(0.1),
        isWithPicture: dice.happens(0.1),
        isSentTwice: dice.happens(0.2),
        ...(follows !== undefined && { follows }),
        ...(dice.happens(0.12) && { cancelAfterMs: dice.between(0, 4_000) }),
      };
    });
}

/** The customer is patient: its own model refuses it a few times, and another one is called. */
function planRefused(
  model: string,
  { index, atMs, seed }: Pick<PlannedOrder, 'index' | 'atMs'> & Pick<ChaosScale, 'seed'>,
): PlannedOrder {
  return {
    index,
    atMs,
    organizationId: organizationIds[0],
    idempotencyKey: `chaos-${seed}-${index}`,
    model,
    prompt: `a busy day, order ${index} of ${seed} [[sandbox status=503 times=3]]`,
    images: 1,
    format: 'jpeg',
    priority: 0,
    deadlineSeconds: 10_800,
    allowsStandIn: true,
    isWithPicture: false,
    isSentTwice: false,
  };
}

/** Flex takes its time. Half of those that want the cheapest tier can wait in flex only for a while. */
function pickModel(dice: Dice): Pick<PlannedOrder, 'model' | 'serviceTier' | 'deadlineSeconds'> {
  const { id: model, tiers } = dice.pick(orderedModels);
  const serviceTier = dice.pick(tiers);
  const isSoonDue = dice.happens(serviceTier === 'cheapest' ? 0.5 : 0.05);
  const soonSeconds = serviceTier === 'cheapest' ? dice.between(1_650, 2_000) : dice.between(30, 300);
  return { model, deadlineSeconds: isSoonDue ? soonSeconds : 10_800, ...(serviceTier && { serviceTier }) };
}

function planTroubles(times: PlanTimes, servers: number): readonly Trouble[] {
  const { dice, several } = times;
  return [
    ...vendors.flatMap((vendor) => planVendorTroubles(vendor, times)),
    ...several<Trouble>(1_500, (atMs) => planKill(atMs, servers, dice)),
    ...several<Trouble>(5_000, (atMs) => ({ kind: 'jump', atMs, byMs: dice.between(30_000, 420_000) })),
    ...several<Trouble>(6_000, (atMs) => ({ kind: 'step', atMs, byMs: dice.between(1_500, 420_000) })),
    ...several<Trouble>(6_000, (atMs) => ({ kind: 'step', atMs, byMs: -dice.between(1_500, 420_000) })),
    ...several<Trouble>(20_000, (atMs) => planHold(atMs, dice)),
    ...several<Trouble>(8_000, (atMs) => ({ kind: 'release', atMs })),
    ...several<Trouble>(15_000, (atMs) => ({ kind: 'requeue', atMs })),
  ];
}

function planVendorTroubles(vendor: Vendor, { dice, several }: PlanTimes): readonly Trouble[] {
  return [
    ...several<Trouble>(12_000, (atMs) => ({ kind: 'wave', vendor, atMs, forMs: dice.between(1_000, 4_000) })),
    ...several<Trouble>(12_000, (atMs) => ({ kind: 'line', vendor, atMs, forMs: dice.between(500, 3_000) })),
  ];
}

function planHold(atMs: number, dice: Dice): Trouble {
  return { kind: 'hold', atMs, upstream: dice.pick(upstreamNames), forMs: dice.between(500, 2_000) };
}

function planKill(atMs: number, servers: number, dice: Dice): Trouble {
  return {
    kind: 'kill',
    atMs,
    server: dice.between(0, servers - 1),
    signal: dice.pick(['SIGKILL', 'SIGKILL', 'SIGTERM']),
    downMs: dice.between(50, 1_500),
  };
}
