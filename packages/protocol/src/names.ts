import { z } from 'zod';

const rule = 'must be a name of 1 to 100 characters';

/** What people call a key or an organization. */
export const nameSchema = z.string({ error: rule }).trim().min(1, { error: rule }).max(100, { error: rule });
