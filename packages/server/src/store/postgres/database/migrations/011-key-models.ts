/** A key may be limited to models. `store/sqlite/database/migrations/011-key-models.ts` says more. */
export const keyModels = `
ALTER TABLE api_keys ADD COLUMN model_ids text;
`;
