import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ChosenModel,
  chooseModel,
  hasRoom,
  isHurried,
  nearMs,
  type Standing,
  type StandingRequest,
} from './choose-model.ts';
import { type FailureCode, failureKinds } from './failures.ts';
import type { Order } from './order.ts';
import { type StandIn, type StandInReason, standInReasons } from './stand-ins.ts';
import type { Rest } from './upstream-pool.ts';

const now = 1_000_000_000;
const order: Order = { format: 'png', images: 1, conversation: [], parameters: { imageSize: '1K' } };
const adapted: Order = { ...order, parameters: { imageSize: '2K' } };

interface Scene {
  readonly own: number;
  readonly rest: Rest | undefined;
  readonly other: number;
  readonly when: readonly StandInReason[];
  readonly isFit: boolean;
  readonly allowsStandIn: boolean;
  readonly leftMs: number;
  readonly failures: readonly { readonly code: FailureCode; readonly standIn?: StandIn }[];
}

const calm: Scene = {
  own: 1,
  rest: undefined,
  other: 1,
  when: standInReasons,
  isFit: true,
  allowsStandIn: true,
  leftMs: 2_000_000,
  failures: [],
};

function toStanding({ own, rest, other, when, isFit }: Scene): Standing {
  const adapt = () => (isFit ? { order: adapted, estimatedCostMicros: 7 } : undefined);
  return {
    now,
    pool: {
      roomFor: (model) => (model === 'own' ? own : model === 'other' ? other : 0),
      restOf: (model) => (model === 'own' ? rest : undefined),
    },
    fallbacks: new Map([['own', [{ model: 'other', when, adapt }]]]),
  };
}

function toRequest({ allowsStandIn, leftMs, failures }: Scene): StandingRequest {
  const attempts = failures.map(({ code, standIn }, index) => ({
    number: index + 1,
    failure: { code, message: 'No.' },
    standIn,
  }));
  const deadlineAt = now + leftMs;
  const request = { model: 'own', queuedAt: deadlineAt - 4_000_000, deadlineAt, allowsStandIn };
  return { request, order, estimatedCostMicros: 3, attempts };
}

function choose(changes: Partial<Scene>): ChosenModel | undefined {
  const scene = { ...calm, ...changes };
  return chooseModel(toRequest(scene), toStanding(scene));
}

const standingIn = (reason: StandInReason) => ({
  model: 'other',
  order: adapted,
  estimatedCostMicros: 7,
  standIn: { model: 'other', reason },
});
const ofItsOwn = { model: 'own', order, estimatedCostMicros: 3 };
const asked: StandIn = { model: 'other', reason: 'overloaded' };

describe('the model that is called', () => {
  it.each<[string, Partial<Scene>, ChosenModel | undefined]>([
    ['is the own one while it has room', {}, ofItsOwn],
    ['is the other one while the own one rests', { own: 0, rest: 'other' }, standingIn('resting')],
    [
      'is the other one even when the own one, set up wrongly, could be called',
      { rest: 'other' },
      standingIn('resting'),
    ],
    ['is the own one that rests, when its rule does not name that', { rest: 'other', when: ['overloaded'] }, ofItsOwn],
    [
      'is the other one after a refusal for load',
      { failures: [{ code: 'upstream_overloaded' }] },
      standingIn('overloaded'),
    ],
    [
      'is the other one while all refuse calls for load',
      { own: 0, rest: 'load', when: ['overloaded'] },
      standingIn('overloaded'),
    ],
    [
      'is the own one again after the other one has refused for load',
      { failures: [{ code: 'upstream_overloaded', standIn: asked }] },
      ofItsOwn,
    ],
    ['is none while the own one is only busy', { own: 0 }, undefined],
    [
      'is the other one when the own one is busy and the deadline near',
      { own: 0, leftMs: nearMs },
      standingIn('deadline'),
    ],
    ['is the own one when it has room, however near the deadline is', { leftMs: 1 }, ofItsOwn],
    ['is none when the other one has no room', { own: 0, rest: 'other', other: 0 }, undefined],
    ['is none when the other one cannot make it', { own: 0, rest: 'other', isFit: false }, undefined],
    ['is none when the caller forbids another', { own: 0, rest: 'other', allowsStandIn: false }, undefined],
    [
      'is none after a refusal of content',
      { own: 0, rest: 'other', failures: [{ code: 'prompt_blocked' }] },
      undefined,
    ],
  ])('%s', (_what, changes, expected) => {
    expect(choose(changes)).toEqual(expected);
  });

  it.each<[Rest | undefined, ChosenModel | undefined]>([
    ['other', { ...standingIn('resting'), model: 'other flex' }],
    ['load', undefined],
    [undefined, undefined],
  ])('is in the flex tier the other one of that tier when the own one rests for %s', (rest, expected) => {
    const standing = toStanding({ ...calm, own: 0, rest, when: ['resting'] });
    const { pool, fallbacks } = standing;
    const named = fallbacks.get('own')?.map((one) => ({ ...one, model: 'other flex' })) ?? [];
    const inFlex = {
      ...standing,
      pool: {
        roomFor: (lane: string) => pool.roomFor(lane.replace(' flex', '')),
        restOf: (lane: string) => pool.restOf(lane.replace(' flex', '')),
      },
      fallbacks: new Map([['own flex', named]]),
    };
    const wanted = toRequest(calm);
    expect(chooseModel({ ...wanted, request: { ...wanted.request, model: 'own flex' } }, inFlex)).toEqual(expected);
    expect(hasRoom('own flex', inFlex)).toBe(expected !== undefined);
  });

  const scenes: fc.Arbitrary<Scene> = fc.record({
    own: fc.nat({ max: 1 }),
    rest: fc.constantFrom<Rest | undefined>(undefined, 'load', 'other'),
    other: fc.nat({ max: 1 }),
    when: fc.subarray([...standInReasons]),
    isFit: fc.boolean(),
    allowsStandIn: fc.boolean(),
    leftMs: fc.integer({ min: -10_000, max: 4_000_000 }),
    failures: fc.array(
      fc.record(
        // The keys of the table are the codes.
        { code: fc.constantFrom(...(Object.keys(failureKinds) as FailureCode[])), standIn: fc.constant(asked) },
        { requiredKeys: ['code'] },
      ),
      { maxLength: 3 },
    ),
  });

  it('is another one only where its rule, the caller and the room allow it, and never after a refusal of content', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const chosen = chooseModel(toRequest(scene), toStanding(scene));
        const refused = scene.failures.some(
          ({ code }) => failureKinds[code].blame === 'caller' && !failureKinds[code].isRetryable,
        );
        if (chosen?.standIn) {
          expect(scene).toMatchObject({ other: 1, isFit: true, allowsStandIn: true });
          expect(scene.when).toContain(chosen.standIn.reason);
          expect(refused).toBe(false);
        } else {
          expect(chosen).toEqual(scene.own === 1 ? ofItsOwn : undefined);
        }
      }),
    );
  });

  it('is found for a request whenever its model is said to have room, or its deadline is near', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const standing = toStanding(scene);
        const request = toRequest({ ...scene, allowsStandIn: true, failures: [] });
        const isReached = hasRoom('own', standing) || (isHurried('own', standing) && scene.leftMs <= nearMs);
        expect(chooseModel(request, standing) !== undefined).toBe(isReached && (scene.own === 1 || scene.isFit));
      }),
    );
  });
});
