/** How an upstream serves a call: at which price, and how soon. */
export const serviceTiers = ['standard', 'priority', 'flex', 'batch'] as const;
export type ServiceTier = (typeof serviceTiers)[number];

/** What a submit may ask for: a tier, or the cheapest one that still meets the deadline. */
export const tierChoices = [...serviceTiers, 'cheapest'] as const;
export type TierChoice = (typeof tierChoices)[number];
