import type { AttemptRecord } from '@darkroom/protocol';
import { formatDollars } from '../formats.ts';
import { ScrollRoom } from '../scroll-room.tsx';
import { tierWords } from '../tiers.ts';

const resultWords: Record<NonNullable<AttemptRecord['result']>, string> = {
  succeeded: 'made',
  failed: 'failed',
  lost: 'answer lost',
  interrupted: 'returned to the queue',
};

/** All upstream calls that were made for a request. */
export function AttemptTable({ attempts }: { readonly attempts: readonly AttemptRecord[] }) {
  if (attempts.length === 0) return <p className="soft">No calls yet.</p>;
  return (
    <ScrollRoom name="Calls">
      <table>
        <thead>
          <tr>
            <th scope="col">Attempt</th>
            <th scope="col">Picture</th>
            <th scope="col">Upstream</th>
            <th scope="col">Service</th>
            <th scope="col">Result</th>
            <th scope="col" className="number">
              Took
            </th>
            <th scope="col" className="number">
              Cost
            </th>
          </tr>
        </thead>
        <tbody>
          {attempts.map((attempt) => (
            <tr key={`${attempt.number} ${attempt.image}`}>
              <td>{attempt.number}</td>
              <td>{attempt.image + 1}</td>
              <td>
                {attempt.upstream}
                <StandIn attempt={attempt} />
              </td>
              <td>{attempt.service_tier && tierWords[attempt.service_tier]}</td>
              <td>
                {attempt.result === null ? 'under way' : resultWords[attempt.result]}
                {attempt.failure && (
                  <>
                    {' '}
                    <code>{attempt.failure.code}</code>
                  </>
                )}
              </td>
              <td className="number">{toSeconds(attempt)}</td>
              <td className="number">{toCost(attempt)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRoom>
  );
}

/** The model that was called instead of the ordered one, and why, in the word of the record. */
function StandIn({ attempt: { stand_in: standIn } }: { readonly attempt: AttemptRecord }) {
  if (!standIn) return null;
  return (
    <small className="soft told-model">
      {standIn.model} ({standIn.reason})
    </small>
  );
}

function toSeconds({ sent_at: sentAt, ended_at: endedAt }: AttemptRecord): string {
  return sentAt === null || endedAt === null ? '' : `${(endedAt - sentAt).toFixed(1)} s`;
}

function toCost({ cost_usd: cost, would_cost_usd: played, possibly_billed: isPossiblyBilled }: AttemptRecord): string {
  if (played !== undefined) return `$0 (would be ${formatDollars(played)})`;
  if (cost > 0) return formatDollars(cost);
  return isPossiblyBilled ? 'perhaps' : '$0';
}
