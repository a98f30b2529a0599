import { requestStatuses } from '@darkroom/protocol';
import { describe, expect, it } from 'vitest';
import { lifecycleEvents, toNextStatus } from './lifecycle.ts';

const finished = ['success', 'failed', 'cancelled'] as const;

describe('lifecycle', () => {
  it('gives only queued requests to a worker', () => {
    expect(requestStatuses.filter((status) => toNextStatus(status, 'claim') !== 'refused')).toEqual(['queued']);
  });

  it('lets an attempt end only while it is processing', () => {
    for (const event of ['succeed', 'fail', 'retry', 'interrupt'] as const) {
      expect(requestStatuses.filter((status) => toNextStatus(status, event) !== 'refused')).toEqual(['processing']);
    }
  });

  it('lets a deadline end what is queued or processing at once, as a success when there are pictures', () => {
    for (const [event, end] of [
      ['expire', 'failed'],
      ['salvage', 'success'],
    ] as const) {
      const ended = requestStatuses.filter((status) => toNextStatus(status, event) !== 'refused');
      expect(ended).toEqual(['queued', 'processing']);
      expect(ended.map((status) => toNextStatus(status, event))).toEqual([end, end]);
    }
  });

  it('never changes a finished request, unless an operator queues it again', () => {
    for (const status of finished) {
      for (const event of lifecycleEvents.filter((event) => event !== 'requeue')) {
        expect([status, 'refused']).toContain(toNextStatus(status, event));
      }
    }
  });

  it('never queues a success again', () => {
    expect(finished.filter((status) => toNextStatus(status, 'requeue') === 'queued')).toEqual(['failed', 'cancelled']);
  });

  it('lets every status end', () => {
    for (const status of ['queued', 'processing'] as const) {
      const ends = lifecycleEvents.map((event) => toNextStatus(status, event));
      expect(ends.filter((end) => finished.some((one) => one === end))).not.toEqual([]);
    }
  });
});
