/**
 * Text of another service without its long opaque words: keys, tokens and signatures, which some services repeat in their errors. A URL's
 * path or an id may be left out with them.
 */
export function hideOpaqueWords(text: string): string {
  return text.replaceAll(/[A-Za-z0-9+/=_~%-]{32,}/g, '[hidden]');
}

/** An error of another service's SDK as logs and callers may see it: with its name, its code and its stack, and with nothing else that it holds. */
export function hideInError(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(hideOpaqueWords(String(error)));
  const { name, message, stack } = error;
  const told = Object.assign(new Error(hideOpaqueWords(message)), { name, ...toCode(error) });
  const frames = stack?.slice(stack.indexOf(message) + message.length) ?? '';
  told.stack = `${name}: ${told.message}${frames.startsWith('\n    at ') ? frames : ''}`;
  return told;
}

function toCode(error: Error): { readonly code?: unknown } {
  return 'code' in error && ['string', 'number'].includes(typeof error.code) ? { code: error.code } : {};
}
