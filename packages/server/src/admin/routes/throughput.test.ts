import { throughputSchema } from '@darkroom/protocol';
import { describe, expect, it } from 'vitest';
import { useApp } from '../../../test/app-harness.ts';
import { fail, succeed } from '../../../test/request-moves.ts';

const app = useApp();

const read = async () => throughputSchema.parse((await app.current.admin('GET', '/throughput')).json()).minutes;

describe('the throughput', () => {
  it('has 60 minutes without a gap, oldest first; the last one is still running', async () => {
    const minutes = await read();
    const last = Math.floor(app.current.clock.now() / 60_000) * 60;
    expect(minutes.map(({ at }) => at)).toEqual(Array.from({ length: 60 }, (_, index) => last - (59 - index) * 60));
    expect(minutes).toEqual(minutes.map(({ at }) => ({ at, success: 0, failed: 0, cancelled: 0 })));
  });

  it('counts what ended in each, until an hour has passed', async () => {
    const { clock } = app.current;
    for (const end of [succeed, succeed, fail]) {
      await app.current.submit({ prompt: 'a' });
      await end(app.current);
    }
    const minute = Math.floor(clock.now() / 60_000) * 60;
    const counted = { at: minute, success: 2, failed: 1, cancelled: 0 };
    expect((await read()).at(-1)).toEqual(counted);
    clock.advance(59 * 60_000);
    expect((await read())[0]).toEqual(counted);
    clock.advance(60_000);
    expect((await read()).some(({ at }) => at === minute)).toBe(false);
  });
});
