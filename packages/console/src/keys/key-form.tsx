import { type FormEvent, useId, useState } from 'react';
import { LimitFields, toLimitsBody, toLimitTexts } from '../organizations/limit-fields.tsx';
import { Problem } from '../problem.tsx';
import { toSentence } from '../sentences.ts';
import { ShownSecret } from '../shown-secret.tsx';
import { TextField } from '../text-field.tsx';
import { useCreateKey } from './api-keys.ts';
import { ordinaryScopes, ScopeChecks } from './scope-checks.tsx';

/** Creates a key and shows it, once. */
export function KeyForm() {
  const id = useId();
  const creation = useCreateKey();
  const { fields, change, body, clear } = useFields();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!creation.isPending) creation.mutate(body, { onSuccess: clear });
  };
  return (
    <section className="part" aria-labelledby={id}>
      <h2 id={id} className="title">
        New key
      </h2>
      {creation.data && (
        <ShownSecret secret={creation.data.api_key} onDone={creation.reset}>
          <strong>The key “{creation.data.name}” is shown only once.</strong> Copy it to where it will be used.
        </ShownSecret>
      )}
      <form className="settings-form wide panel" onSubmit={submit}>
        <Fields fields={fields} onChange={change} />
        <button type="submit" className="primary" aria-disabled={creation.isPending}>
          Create key
        </button>
        <Problem>{creation.error && toSentence(creation.error)}</Problem>
      </form>
    </section>
  );
}

interface FieldsProps {
  readonly fields: typeof noFields;
  readonly onChange: (changed: Partial<typeof noFields>) => void;
}

function Fields({ fields, onChange }: FieldsProps) {
  return (
    <>
      <div className="field-row">
        <TextField
          label="Name"
          hint="Who or what will use the key."
          required
          maxLength={100}
          value={fields.name}
          onChange={(name) => onChange({ name })}
        />
        <TextField
          label="Organizations"
          hint="Separated by commas. The first one is the default. If empty: the default organization."
          pattern={organizationsPattern}
          title="Letters, digits, dots, dashes and underscores, separated by commas."
          value={fields.organizations}
          onChange={(organizations) => onChange({ organizations })}
        />
        <TextField
          label="Ends on"
          hint="At the beginning of this day. If empty, the key does not expire."
          type="date"
          value={fields.end}
          onChange={(end) => onChange({ end })}
        />
        <TextField
          label="Models"
          hint="Ids, separated by commas. If empty, all models are allowed."
          value={fields.models}
          onChange={(models) => onChange({ models })}
        />
      </div>
      <LimitFields texts={fields.limits} onChange={(limits) => onChange({ limits })} />
      <ScopeChecks chosen={fields.scopes} onChange={(chosen) => onChange({ scopes: chosen })} />
      <label className="check">
        <input
          type="checkbox"
          checked={fields.cancelsWhenGone}
          onChange={(event) => onChange({ cancelsWhenGone: event.target.checked })}
        />
        <span>Cancel queued requests when the client that waits for them goes away</span>
      </label>
    </>
  );
}

const organizationsPattern = String.raw`\s*[\w.\-]{1,100}(\s*,\s*[\w.\-]{1,100})*\s*`;
const noFields = {
  name: '',
  organizations: '',
  limits: toLimitTexts(),
  models: '',
  end: '',
  scopes: ordinaryScopes,
  cancelsWhenGone: false,
};

function useFields() {
  const [fields, setFields] = useState(noFields);
  const { name, organizations, limits, models, end, scopes, cancelsWhenGone } = fields;
  const ids = organizations.split(',').map((id) => id.trim());
  const modelIds = models.split(',').flatMap((id) => id.trim() || []);
  return {
    fields,
    change: (changed: Partial<typeof noFields>) => setFields((all) => ({ ...all, ...changed })),
    clear: () => setFields(noFields),
    body: {
      name,
      scopes: [...scopes],
      ...(end !== '' && { expires_at: Math.floor(new Date(`${end}T00:00`).getTime() / 1_000) }),
      cancel_when_gone: cancelsWhenGone,
      ...(organizations.trim() !== '' && { organization_ids: ids }),
      limits: toLimitsBody(limits),
      ...(modelIds.length > 0 && { model_ids: modelIds }),
    },
  };
}
