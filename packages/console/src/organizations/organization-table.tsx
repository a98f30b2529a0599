import type { OrganizationRecord } from '@darkroom/protocol';
import { ConfirmButton } from '../confirm-button.tsx';
import { formatBytes, formatDate } from '../formats.ts';
import { useMe } from '../me.ts';
import { Problem } from '../problem.tsx';
import { ScrollRoom } from '../scroll-room.tsx';
import { toSentence } from '../sentences.ts';
import { toLimitWords } from './limit-fields.tsx';
import { type OrganizationAction, useOrganizationAction } from './organization-queries.ts';

interface TableProps {
  readonly organizations: readonly OrganizationRecord[];
  readonly onChange: (organization: OrganizationRecord) => void;
}

/** All organizations. Each can be changed, suspended and removed, except for the default one and those of the reader. */
export function OrganizationTable({ organizations, onChange }: TableProps) {
  const action = useOrganizationAction();
  return (
    <>
      {action.error && <Problem>{toSentence(action.error)}</Problem>}
      <ScrollRoom name="Table of organizations">
        <table className="settings-table">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Id</th>
              <th scope="col" className="number">
                Stored
              </th>
              <th scope="col">Limits</th>
              <th scope="col">Created</th>
              <th scope="col">State</th>
            </tr>
          </thead>
          <tbody>
            {organizations.map((organization) => (
              <Row
                key={organization.id}
                organization={organization}
                isBusy={action.isPending}
                onChange={() => onChange(organization)}
                onAct={(verb) => action.mutate({ id: organization.id, verb })}
              />
            ))}
          </tbody>
        </table>
      </ScrollRoom>
    </>
  );
}

interface RowProps {
  readonly organization: OrganizationRecord;
  readonly isBusy: boolean;
  readonly onChange: () => void;
  readonly onAct: (verb: OrganizationAction['verb']) => void;
}

function Row(props: RowProps) {
  const { id, name, stored_bytes: stored, limits, created_at: createdAt } = props.organization;
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>
        <code>{id}</code>
      </td>
      <td className="number">{formatBytes(stored)}</td>
      <td>{toLimitWords(limits) || '–'}</td>
      <td>{formatDate(createdAt)}</td>
      <td>
        <Actions {...props} />
      </td>
    </tr>
  );
}

function Actions({ organization, isBusy, onChange, onAct }: RowProps) {
  const { id, name, suspended_at: suspendedAt } = organization;
  const me = useMe();
  const mayLose = id !== 'default' && me?.organization_ids.includes(id) === false;
  return (
    <div className="actions">
      {suspendedAt !== null && <span className="soft">suspended {formatDate(suspendedAt)}</span>}
      <button type="button" onClick={onChange}>
        Change<span className="visually-hidden">{name}</span>
      </button>
      {suspendedAt !== null && (
        <button type="button" aria-disabled={isBusy} onClick={() => !isBusy && onAct('resume')}>
          Resume<span className="visually-hidden">{name}</span>
        </button>
      )}
      {mayLose && suspendedAt === null && (
        <ConfirmButton
          name="Suspend"
          of={name}
          question={`Suspend “${name}”?`}
          isBusy={isBusy}
          onConfirm={() => onAct('suspend')}
        >
          Its keys will be refused and none of its requests will be begun until you resume it. Requests that are being
          made will be completed.
        </ConfirmButton>
      )}
      {mayLose && (
        <ConfirmButton
          name="Remove"
          of={name}
          question={`Remove “${name}”?`}
          isBusy={isBusy}
          onConfirm={() => onAct('remove')}
        >
          It must have no requests and no pictures. Its webhook endpoints and budgets go with it, and keys that belong
          to no other organization are revoked.
        </ConfirmButton>
      )}
    </div>
  );
}
