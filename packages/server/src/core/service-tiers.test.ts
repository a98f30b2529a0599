import { describe, expect, it } from 'vitest';
import { fromLane, toLane } from './service-tiers.ts';

describe('a lane', () => {
  it('is named like its model, with the tier behind it where that waits apart', () => {
    expect([toLane('pro', 'standard'), toLane('pro', 'priority'), toLane('pro', 'flex')]).toEqual([
      'pro',
      'pro',
      'pro flex',
    ]);
    expect(fromLane('pro flex')).toEqual({ model: 'pro', tier: 'flex' });
    expect(fromLane('pro')).toEqual({ model: 'pro', tier: 'standard' });
    expect(fromLane('a b batch')).toEqual({ model: 'a b', tier: 'batch' });
    expect(fromLane('a b')).toEqual({ model: 'a b', tier: 'standard' });
  });
});
