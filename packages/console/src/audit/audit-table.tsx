import { type AuditEntryRecord, auditActions } from '@darkroom/protocol';
import { formatDate, formatTime } from '../formats.ts';
import { ScrollRoom } from '../scroll-room.tsx';
import type { AuditSearch } from './audit-search.ts';
import { type Change, toChanges } from './changes.ts';

export interface AuditTableProps {
  readonly entries: readonly AuditEntryRecord[];
  /** Shows only what has this in common with an entry. */
  readonly onNarrow: (search: AuditSearch) => void;
}

export function AuditTable({ entries, onNarrow }: AuditTableProps) {
  return (
    <ScrollRoom name="Table of the audit log">
      <table className="settings-table audit-table">
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Who</th>
            <th scope="col">From</th>
            <th scope="col">What</th>
            <th scope="col">To what</th>
            <th scope="col">Organization</th>
            <th scope="col">Before → after</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <Row key={entry.id} entry={entry} onNarrow={onNarrow} />
          ))}
        </tbody>
      </table>
    </ScrollRoom>
  );
}

interface RowProps {
  readonly entry: AuditEntryRecord;
  readonly onNarrow: AuditTableProps['onNarrow'];
}

function Row({ entry, onNarrow }: RowProps) {
  const { at, by, action, target, organization_id: organization } = entry;
  return (
    <tr>
      <td>
        {formatDate(at)}, {formatTime(at)}
      </td>
      <th scope="row">
        <button
          type="button"
          className="plain"
          title={`Show only what ${by.id} did`}
          onClick={() => onNarrow({ by: by.id })}
        >
          {by.name}
        </button>
        {by.id !== by.name && <code className="under">{by.id}</code>}
      </th>
      <td>{by.address ?? '–'}</td>
      <td>
        <code title={auditActions[action]}>{action}</code>
      </td>
      <td>
        <button
          type="button"
          className="plain"
          title={`Show only what was done to ${target}`}
          onClick={() => onNarrow({ target })}
        >
          <code>{target}</code>
        </button>
      </td>
      <td>{organization ?? '–'}</td>
      <td className="changes">
        <Changes changes={toChanges(entry)} />
      </td>
    </tr>
  );
}

/** A long entry shows its first changes; the rest opens on demand. */
const shownAtFirst = 3;

function Changes({ changes }: { readonly changes: readonly Change[] }) {
  if (changes.length === 0) return '–';
  const rest = changes.slice(shownAtFirst);
  return (
    <>
      <ChangeList changes={changes.slice(0, shownAtFirst)} />
      {rest.length > 0 && (
        <details>
          <summary>{rest.length} more</summary>
          <ChangeList changes={rest} />
        </details>
      )}
    </>
  );
}

function ChangeList({ changes }: { readonly changes: readonly Change[] }) {
  return (
    <ul>
      {changes.map(({ name, before, after }) => (
        <li key={name}>
          <span className="soft">{name}:</span> {[before, after].filter((one) => one !== undefined).join(' → ')}
        </li>
      ))}
    </ul>
  );
}
