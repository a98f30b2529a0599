import { isIP } from 'node:net';
import { z } from 'zod';
import { commaList } from './comma-list.ts';

/** Addresses and networks, separated by commas: `10.0.0.0/8, 127.0.0.1`. */
export const proxyNetworksSchema = commaList()
  .pipe(
    z.array(
      z.string().refine(isNetwork, {
        error: 'must be addresses or networks, e.g. 127.0.0.1, 10.0.0.0/8',
      }),
    ),
  )
  .default([]);

function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  if (bits === undefined) return true;
  if (!/^\d{1,3}$/.test(bits)) return false;
  return Number(bits) <= (version === 4 ? 32 : 128);
}
