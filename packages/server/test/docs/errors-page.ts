import { problemKinds } from '@darkroom/protocol';
import { type FailureCode, failureKinds, toFailureKind } from '../../src/core/failures.ts';
import { maxTries } from '../../src/core/retry-policy.ts';
import { toPage, toTable } from './markdown.ts';

const intro = `<!-- Made by npm run docs from packages/protocol/src/problems.ts and packages/server/src/core/failures.ts. -->

This page lists all error codes. A **refusal** answers a call to Darkroom: the call changed nothing. A **failure** ends an attempt, or a
request that was accepted. Codes are never renamed. Texts may change. [Troubleshooting](../troubleshooting.md) says what to do about the
most frequent ones.`;

const refusalsIntro = `The answer has the status below and a body \`{"error", "code", "details"}\`. \`error\` is a sentence that says what is wrong and how to
correct it. \`details\` lists the wrong keys, if there are any.`;

const failuresIntro = `A failed request has \`outcome.error\` with \`code\`, \`message\`, \`retryable\` and \`blame\`. If the upstream gave a reason, its words are
there, too (\`upstream_message\`, \`finish_reason\`, \`block_reason\`, \`model_text\`). The attempt log has the same facts about every failed
call. Darkroom retries automatically, so a failure that reaches the request is final.

- **Blame** says what helps: the \`caller\` must change the request, the \`upstream\` needs time, or the \`operator\` must change the setup.
- **Tried again** says whether Darkroom retries, until the deadline. A picture has ${maxTries} attempts that count. Attempts that the
  upstream refused before any work, and free of charge, do not count.`;

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
