import { z } from 'zod';

export const text = z.string({ error: 'must be a string' });
export const number = z.number({ error: 'must be a number' });
export const flag = z.boolean({ error: 'must be true or false' });
