/** A key may be limited to models: a JSON list of their public ids; NULL: all models. */
export const keyModels = `
ALTER TABLE api_keys ADD COLUMN model_ids TEXT;
`;
