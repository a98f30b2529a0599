import { describe, expect, it } from 'vitest';
import type { Order } from '../../core/order.ts';
import { readOrder, toWork } from './request-rows.ts';

const conversation = [{ role: 'user', parts: [{ kind: 'text', text: 'a fox' }] }] as const;
const order: Order = {
  format: 'png',
  images: 2,
  conversation,
  parameters: { imageSize: '2K', aspectRatio: '16:9' },
};

const read = (work: string) => readOrder({ id: 'r', work } as Parameters<typeof readOrder>[0]); // it reads nothing else

describe('the order of a row', () => {
  it('comes back as it was written', () => {
    expect(read(toWork(order))).toEqual(order);
    const full = { ...order, quality: 80, mask: 'media:a.png' };
    expect(read(toWork(full))).toEqual(full);
  });

  it('keeps its own facts when a parameter has the name of one', () => {
    const odd = { ...order, parameters: { images: 9, format: 'tiff' } };
    expect(read(toWork(odd))).toEqual(odd);
    const fine = { ...order, parameters: { quality: 'medium', mask: 'soft' } };
    expect(read(toWork(fine))).toEqual(fine);
  });
});
