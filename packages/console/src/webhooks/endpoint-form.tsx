import { type EndpointRecord, type RequestStatus, requestStatuses } from '@darkroom/protocol';
import { useState } from 'react';
import { Checks } from '../checks.tsx';
import { statusWords } from '../record-facts.ts';
import { toSentence } from '../sentences.ts';
import { SettingsForm } from '../settings-form.tsx';
import { TextField } from '../text-field.tsx';

export interface EndpointFormProps {
  /** The endpoint to change; `undefined` for a new one. */
  readonly edited: EndpointRecord | undefined;
  readonly isBusy: boolean;
  readonly error: Error | null;
  readonly onSave: (endpoint: { readonly url: string; readonly events: readonly RequestStatus[] }) => void;
  readonly onLeave: () => void;
}

const statuses = requestStatuses.map((value) => ({ value, text: statusWords[value] }));
const ends = ['success', 'failed', 'cancelled'] as const satisfies readonly RequestStatus[];

export function EndpointForm({ edited, isBusy, error, onSave, onLeave }: EndpointFormProps) {
  const [url, setUrl] = useState(edited?.url ?? '');
  const [events, setEvents] = useState<readonly RequestStatus[]>(edited ? toStatuses(edited) : ends);
  return (
    <SettingsForm
      label={edited ? 'Change an endpoint' : 'Add an endpoint'}
      submitName={edited ? 'Save' : 'Add endpoint'}
      isBusy={isBusy}
      problem={events.length === 0 ? 'Choose at least one event.' : error && toSentence(error)}
      onSubmit={() => events.length > 0 && onSave({ url, events })}
      onCancel={edited && onLeave}
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
      <Checks legend="Call when a request is" options={statuses} chosen={events} onChange={setEvents} />
    </SettingsForm>
  );
}

/** The statuses that the endpoint is called for. */
export function toStatuses({ events }: Pick<EndpointRecord, 'events'>): readonly RequestStatus[] {
  return requestStatuses.filter((status) => events.includes(`request.${status}`));
}
