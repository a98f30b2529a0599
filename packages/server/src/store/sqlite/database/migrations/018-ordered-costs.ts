/**
 * Another model may be called instead of the ordered one, and may cost more. From now on, `requests.estimated_cost_micros`, which budgets
 * reserve, is the largest price among them, and `ordered_cost_micros` is that of the ordered model; NULL where both are the same.
 */
export const orderedCosts = `
ALTER TABLE requests ADD COLUMN ordered_cost_micros INTEGER;
`;
