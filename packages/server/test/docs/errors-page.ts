import { problemKinds } from '@darkroom/protocol';
import { type FailureCode, failureKinds, toFailureKind } from '../../src/core/failures.ts';
import { maxTries } from '../../src/core/retry-policy.ts';
import { toPage, toTable } from './markdown.ts';

const intro = `<!-- Made by npm run docs from packages/protocol/src/problems.ts and packages/server/src/core/failures.ts. -->

Two kinds of bad news, kept apart. A **refusal** answers a call: nothing was done. A **failure** ends an attempt, or a request that
was taken. Codes are never renamed; texts may change.`;

const refusalsIntro = `The answer has the status and a body \`{"error", "code", "details"}\`: \`error\` is a sentence that says what is wrong and what would
be right, \`details\` names each wrong key where there are such.`;

const failuresIntro = `A request that failed has \`outcome.error\` with \`code\`, \`message\`, \`retryable\` and \`blame\`, and, where the upstream said
something, its words (\`upstream_message\`, \`finish_reason\`, \`block_reason\`, \`model_text\`). Every failed call stands in the attempt log
with the same facts. Darkroom tries again by itself; a failure that reaches the request is final.

- **Blame**: the \`caller\` changes the request, the \`upstream\` gets well by waiting, the \`operator\` changes the set-up.
- **Tried again**: by Darkroom, until the deadline. A picture has ${maxTries} tries that count; those that the upstream refused before any work, and
  for free, do not count.`;

export function toErrorsPage(): string {
  return toPage(
    '# Errors',
    intro,
    '## Refusals',
    refusalsIntro,
    toTable(
      ['code', 'status', 'meaning'],
      Object.entries(problemKinds).map(([code, { status, meaning }]) => [`\`${code}\``, String(status), meaning]),
    ),
    '## Failures',
    failuresIntro,
    toTable(
      ['code', 'meaning', 'blame', 'tried again'],
      (Object.keys(failureKinds) as FailureCode[]).map((code) => [
        // the table's own keys
        `\`${code}\``,
        toFailureKind(code).meaning,
        toFailureKind(code).blame,
        toRetries(code),
      ]),
    ),
  );
}

/** What the retry policy does for a code, in words. */
function toRetries(code: FailureCode): string {
  const { isRetryable, countsAsTry, maxRetries, effect } = toFailureKind(code);
  if (code === 'upstream_answer_lost') return '`DARKROOM_LOST_ANSWER_RETRIES` times';
  if (effect?.kind === 'avoid') return 'on another upstream, if there is one';
  if (!isRetryable) return 'no';
  if (maxRetries !== undefined) return maxRetries === 1 ? 'once' : `${maxRetries} times`;
  return countsAsTry ? 'yes' : 'yes, without counting';
}
