/** Version 00, a trace, the span that is the parent, and flags: https://www.w3.org/TR/trace-context/#traceparent-header. */
const pattern = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The header, when it is well formed. A later version is not read: what follows its flags is not known. */
export function parseTraceparent(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'string' && pattern.test(header) ? header : undefined;
}
