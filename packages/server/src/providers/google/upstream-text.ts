/** What a failure may keep of the upstream's or the model's words. */
const maxLength = 2000;

/** Text from outside, fit for a row and a caller: bounded, and without the API key, should the upstream repeat it. */
export function quoteText(text: string, apiKey: string): string {
  const safe = apiKey === '' ? text : text.replaceAll(apiKey, '[API key]');
  return safe.trim().slice(0, maxLength).toWellFormed();
}
