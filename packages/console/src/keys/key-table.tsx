import type { KeyRecord } from '@darkroom/protocol';
import { ConfirmButton } from '../confirm-button.tsx';
import { formatDate } from '../formats.ts';
import { useMe } from '../me.ts';
import { Problem } from '../problem.tsx';
import { ScrollRoom } from '../scroll-room.tsx';
import { toSentence } from '../sentences.ts';
import { useRevokeKey } from './api-keys.ts';

/** All keys, newest first. Active keys can be revoked. */
export function KeyTable({ keys }: { readonly keys: readonly KeyRecord[] }) {
  const revocation = useRevokeKey();
  return (
    <>
      {revocation.error && <Problem>{toSentence(revocation.error)}</Problem>}
      <ScrollRoom name="Table of keys">
        <table className="settings-table">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Id</th>
              <th scope="col">Organizations</th>
              <th scope="col">Operator</th>
              <th scope="col" className="number">
                Per minute
              </th>
              <th scope="col">If the client disconnects</th>
              <th scope="col">Models</th>
              <th scope="col">Created</th>
              <th scope="col">State</th>
            </tr>
          </thead>
          <tbody>
            {keys.map((key) => (
              <Row key={key.id} record={key} isBusy={revocation.isPending} onRevoke={() => revocation.mutate(key.id)} />
            ))}
          </tbody>
        </table>
      </ScrollRoom>
    </>
  );
}

interface RowProps {
  readonly record: KeyRecord;
  readonly isBusy: boolean;
  readonly onRevoke: () => void;
}

function Row({ record: key, isBusy, onRevoke }: RowProps) {
  return (
    <tr className={key.revoked_at === null ? undefined : 'past'}>
      <th scope="row">{key.name}</th>
      <td>
        <code>{key.id}</code>
      </td>
      <td>{key.organization_ids.join(', ')}</td>
      <td>{key.is_admin ? 'yes' : 'no'}</td>
      <td className="number">{key.requests_per_minute?.toLocaleString('en') ?? '–'}</td>
      <td>{key.cancel_when_gone ? 'cancels' : 'continues'}</td>
      <td>{key.model_ids?.join(', ') ?? 'all'}</td>
      <td>{formatDate(key.created_at)}</td>
      <td>
        <State record={key} isBusy={isBusy} onRevoke={onRevoke} />
      </td>
    </tr>
  );
}

/** When the key was revoked, or a button to revoke it. */
function State({ record: { id, name, revoked_at: revokedAt }, isBusy, onRevoke }: RowProps) {
  const me = useMe();
  if (revokedAt !== null) return `revoked ${formatDate(revokedAt)}`;
  if (me?.api_key_id === id) return 'signed in here';
  return (
    <ConfirmButton name="Revoke" of={name} question={`Revoke “${name}”?`} isBusy={isBusy} onConfirm={onRevoke}>
      The key will be refused from now on. This cannot be undone. Requests already made with the key are still
      completed.
    </ConfirmButton>
  );
}
