import { describe, expect, it } from 'vitest';
import { formatAge, formatBytes, formatDollars, formatDuration } from './formats.ts';

describe('formats', () => {
  it('a duration shows hours only when there are some', () => {
    expect([0, 7, 65, 3_725].map(formatDuration)).toEqual(['0:00', '0:07', '1:05', '1:02:05']);
  });

  it('a cost that is not zero is never shown as zero', () => {
    expect([0.00004, 0.139, 1.2].map(formatDollars)).toEqual(['under $0.001', '$0.139', '$1.20']);
  });

  it('bytes are shown in kB below a megabyte', () => {
    expect([5, 812_300, 1_400_000].map(formatBytes)).toEqual(['1 kB', '813 kB', '1.4 MB']);
  });

  it('an age is never in the future, even when the clocks differ', () => {
    const now = 1_795_371_136;
    const ages = [-30, 59, 60, 7_200, 86_400].map((seconds) => formatAge(now - seconds, now * 1_000));
    expect(ages).toEqual(['just now', 'just now', '1 min. ago', '2 hr. ago', 'yesterday']);
  });
});
