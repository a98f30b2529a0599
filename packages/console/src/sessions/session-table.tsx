import type { SessionRecord } from '@darkroom/protocol';
import { ConfirmButton } from '../confirm-button.tsx';
import { formatMoment } from '../formats.ts';
import { useMe } from '../me.ts';
import { ScrollRoom } from '../scroll-room.tsx';
import { toBrowserName } from './browser-name.ts';

export interface SessionTableProps {
  readonly sessions: readonly SessionRecord[];
  readonly isBusy: boolean;
  readonly onEnd: (id: string) => void;
}

/** Sessions that have not ended have a button that ends them. */
export function SessionTable({ sessions, isBusy, onEnd }: SessionTableProps) {
  return (
    <ScrollRoom name="Table of sessions">
      <table className="settings-table">
        <thead>
          <tr>
            <th scope="col">Person</th>
            <th scope="col">Signed in</th>
            <th scope="col">Last seen</th>
            <th scope="col">Browser</th>
            <th scope="col">Address</th>
            <th scope="col">State</th>
          </tr>
        </thead>
        <tbody>
          {sessions.map((session) => (
            <tr key={session.id} className={session.is_active ? undefined : 'past'}>
              <th scope="row">{session.name}</th>
              <td>{formatMoment(session.created_at)}</td>
              <td>{formatMoment(session.last_seen_at)}</td>
              <td title={session.browser}>{toBrowserName(session.browser)}</td>
              <td>{session.address}</td>
              <td>
                <State session={session} isBusy={isBusy} onEnd={() => onEnd(session.id)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRoom>
  );
}

interface StateProps {
  readonly session: SessionRecord;
  readonly isBusy: boolean;
  readonly onEnd: () => void;
}

function State({ session: { id, name, ends_at: endsAt, is_active: isActive }, isBusy, onEnd }: StateProps) {
  const me = useMe();
  if (!isActive) return `ended ${formatMoment(endsAt)}`;
  if (me?.person?.session_id === id) return 'signed in here';
  return (
    <ConfirmButton name="End" of={name} question={`End this session of “${name}”?`} isBusy={isBusy} onConfirm={onEnd}>
      The browser is signed out at its next call. The person can sign in again, unless their access is revoked under
      Keys.
    </ConfirmButton>
  );
}
