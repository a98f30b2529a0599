import { z } from 'zod';
import { serviceTiers, tierChoices } from './service-tiers.ts';

export const serviceTierSchema = z.enum(serviceTiers);

export const tierChoiceSchema = z.enum(tierChoices, { error: `must be one of ${tierChoices.join(', ')}` });
