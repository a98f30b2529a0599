/** The assertions of the chaos test: one entry per promise. */
export const promises = {
  'servers-start-and-stop': 'every server starts, and stops when it is told to',
  'every-id-ended': 'every accepted request has ended',
  'one-request-a-key': 'one idempotency key never makes two requests',
  'success-never-changes': 'a success never changes afterwards',
  'pictures-readable': 'every picture of every success is readable and has the checksum of its record',
  'calls-in-the-log': 'every call that the sandbox counted is in the attempt log as sent',
  'log-in-the-calls': 'every line of the attempt log with an answer of the upstream was a call',
  'never-paid-twice': 'no image is requested again when a call is known to have brought it',
  'nothing-under-way': 'no request is held, no line of the attempt log is under way',
  'costs-of-the-model': 'every call costs what the model that was called costs, in the tier that was used',
  'tier-as-ordered': 'no call is made in another tier than was ordered, unless in the standard one',
  'stand-ins-by-the-rule': 'another model is called only as its rule says, and the outcome names it',
  'costs-add-up': "a request's cost is the sum of its calls' costs",
  'usage-adds-up': 'the usage of every organization is the sum of its requests',
  'budgets-add-up': 'every budget has used what its requests have cost, and nothing is reserved',
  'no-orphan-object': 'the storage contains what rows name, and nothing else',
  'no-spool-folder': 'nothing is left in any spool',
} as const;

export type PromiseName = keyof typeof promises;

/** The evidence against each promise, in sentences; a promise without an entry is kept. */
export type Findings = Partial<Record<PromiseName, readonly string[]>>;

/** Enough to see what is wrong; hundreds of similar lines help nobody. */
const mostShown = 8;

/** Limits the problems to as many as a reader wants to see. */
export function toShown(problems: readonly string[]): readonly string[] {
  const more = problems.length - mostShown;
  return more <= 0 ? problems : [...problems.slice(0, mostShown), `… and ${more} more`];
}
