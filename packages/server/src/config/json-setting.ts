/** Reads a setting that is JSON text in the environment and a value in the file. Text that is not JSON stays text, which the schema refuses. */
export function parseJson(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
