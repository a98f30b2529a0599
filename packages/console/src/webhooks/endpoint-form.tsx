import { type EndpointRecord, type RequestStatus, requestStatuses } from '@darkroom/protocol';
import { type FormEvent, useState } from 'react';
import { Problem } from '../problem.tsx';
import { statusWords } from '../record-facts.ts';
import { toSentence } from '../sentences.ts';
import { TextField } from '../text-field.tsx';

export interface EndpointFormProps {
  /** The endpoint to change; `undefined` for a new one. */
  readonly edited: EndpointRecord | undefined;
  readonly isBusy: boolean;
  readonly error: Error | null;
  readonly onSave: (endpoint: { readonly url: string; readonly events: readonly RequestStatus[] }) => void;
  readonly onLeave: () => void;
}

const ends = ['success', 'failed', 'cancelled'] as const satisfies readonly RequestStatus[];

export function EndpointForm({ edited, isBusy, error, onSave, onLeave }: EndpointFormProps) {
  const [url, setUrl] = useState(edited?.url ?? '');
  const [events, setEvents] = useState<readonly RequestStatus[]>(edited ? toStatuses(edited) : ends);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isBusy && events.length > 0) onSave({ url, events });
  };
  return (
    <form
      className="settings-form wide panel"
      aria-label={edited ? 'Change an endpoint' : 'Add an endpoint'}
      onSubmit={submit}
    >
      <TextField
        label={edited ? 'Address' : 'New address'}
        hint="http or https, on the public internet."
        type="url"
        required
        maxLength={2_000}
        placeholder="https://your-app.example/darkroom"
        autoFocus={edited !== undefined}
        value={url}
        onChange={setUrl}
      />
      <EventChoice events={events} onChange={setEvents} />
      <div className="actions">
        <button type="submit" className="primary" aria-disabled={isBusy}>
          {edited ? 'Save' : 'Add endpoint'}
        </button>
        {edited && (
          <button type="button" onClick={onLeave}>
            Cancel
          </button>
        )}
      </div>
      <Problem>{events.length === 0 ? 'Choose at least one event.' : error && toSentence(error)}</Problem>
    </form>
  );
}

interface EventChoiceProps {
  readonly events: readonly RequestStatus[];
  readonly onChange: (events: readonly RequestStatus[]) => void;
}

function EventChoice({ events, onChange }: EventChoiceProps) {
  const toggle = (status: RequestStatus) =>
    onChange(events.includes(status) ? events.filter((one) => one !== status) : [...events, status]);
  return (
    <fieldset className="checks">
      <legend className="field">Call when a request is</legend>
      <div>
        {requestStatuses.map((status) => (
          <label key={status} className="check">
            <input type="checkbox" checked={events.includes(status)} onChange={() => toggle(status)} />
            <span>{statusWords[status]}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** The statuses that the endpoint is called for. */
export function toStatuses({ events }: Pick<EndpointRecord, 'events'>): readonly RequestStatus[] {
  return requestStatuses.filter((status) => events.includes(`request.${status}`));
}
