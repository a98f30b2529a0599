import type { KeyRecord } from '@darkroom/protocol';
import { ConfirmButton } from '../confirm-button.tsx';
import { formatDate } from '../formats.ts';
import { useMe } from '../me.ts';
import { toLimitWords } from '../organizations/limit-fields.tsx';
import { Problem } from '../problem.tsx';
import { ScrollRoom } from '../scroll-room.tsx';
import { toSentence } from '../sentences.ts';
import { ShownSecret } from '../shown-secret.tsx';
import { useRevokeKey, useRotateKey } from './api-keys.ts';

const graceSeconds = 86_400;

interface KeyTableProps {
  readonly keys: readonly KeyRecord[];
  readonly onChange: (key: KeyRecord) => void;
}

/** All keys, newest first. Active keys can be changed, rotated and revoked, but the reader's own can only be changed. */
export function KeyTable({ keys, onChange }: KeyTableProps) {
  const revocation = useRevokeKey();
  const rotation = useRotateKey();
  return (
    <>
      {rotation.data && (
        <ShownSecret secret={rotation.data.api_key} onDone={rotation.reset}>
          <strong>The new text of “{rotation.data.name}” is shown only once.</strong> Copy it to where the key is used.
          The old text is valid for one more day.
        </ShownSecret>
      )}
      {rotation.error && <Problem>{toSentence(rotation.error)}</Problem>}
      {revocation.error && <Problem>{toSentence(revocation.error)}</Problem>}
      <ScrollRoom name="Table of keys">
        <table className="settings-table">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Id</th>
              <th scope="col">Organizations</th>
              <th scope="col">Scopes</th>
              <th scope="col">Limits</th>
              <th scope="col">If the client disconnects</th>
              <th scope="col">Models</th>
              <th scope="col">Created</th>
              <th scope="col">Last used</th>
              <th scope="col">Ends</th>
              <th scope="col">State</th>
            </tr>
          </thead>
          <tbody>
            {keys.map((key) => (
              <Row
                key={key.id}
                record={key}
                isBusy={revocation.isPending || rotation.isPending}
                onChange={() => onChange(key)}
                onRotate={() => rotation.mutate({ id: key.id, graceSeconds })}
                onRevoke={() => revocation.mutate(key.id)}
              />
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
  readonly onChange: () => void;
  readonly onRotate: () => void;
  readonly onRevoke: () => void;
}

function Row(props: RowProps) {
  const { record: key } = props;
  return (
    <tr className={key.revoked_at === null ? undefined : 'past'}>
      <th scope="row">
        {key.name}
        {key.person && <span className="soft"> (person)</span>}
      </th>
      <td>
        <code>{key.id}</code>
      </td>
      <td className="listed">{key.organization_ids.join(', ')}</td>
      <td className="listed">{key.scopes.join(', ')}</td>
      <td className="listed">{toLimitWords(key.limits) || '–'}</td>
      <td>{key.cancel_when_gone ? 'cancels' : 'continues'}</td>
      <td className="listed">{key.model_ids?.join(', ') ?? 'all'}</td>
      <td>{formatDate(key.created_at)}</td>
      <td>{key.last_used_at === null ? 'never' : formatDate(key.last_used_at)}</td>
      <td>{key.expires_at === null ? 'never' : formatDate(key.expires_at)}</td>
      <td>
        <State {...props} />
      </td>
    </tr>
  );
}

/** When the key was revoked, or buttons to change it, to give it another text and to revoke it. */
function State({ record, isBusy, onChange, onRotate, onRevoke }: RowProps) {
  const { id, name, revoked_at: revokedAt, person } = record;
  const me = useMe();
  if (revokedAt !== null) return `revoked ${formatDate(revokedAt)}`;
  const change = (
    <button type="button" onClick={onChange}>
      Change<span className="visually-hidden">{name}</span>
    </button>
  );
  if (me?.api_key_id === id)
    return (
      <div className="actions">
        <span className="soft">signed in here</span>
        {change}
      </div>
    );
  return (
    <div className="actions">
      {change}
      {person === null && (
        <ConfirmButton name="Rotate" of={name} question={`Rotate “${name}”?`} isBusy={isBusy} onConfirm={onRotate}>
          The key gets another text. Its old text is valid for one more day. Everything else about the key stays.
        </ConfirmButton>
      )}
      <ConfirmButton name="Revoke" of={name} question={`Revoke “${name}”?`} isBusy={isBusy} onConfirm={onRevoke}>
        {person === null
          ? 'The key will be refused from now on.'
          : 'This person is signed out and kept out from now on.'}{' '}
        This cannot be undone. Requests already made are still completed.
      </ConfirmButton>
    </div>
  );
}
