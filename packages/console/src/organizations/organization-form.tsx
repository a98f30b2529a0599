import type { OrganizationRecord } from '@darkroom/protocol';
import { useState } from 'react';
import { toSentence } from '../sentences.ts';
import { SettingsForm } from '../settings-form.tsx';
import { TextField } from '../text-field.tsx';
import { LimitFields, toLimitsBody, toLimitTexts } from './limit-fields.tsx';
import { useChangeOrganization, useCreateOrganization } from './organization-queries.ts';

export interface OrganizationFormProps {
  /** The organization that is changed; `undefined` for a new one. */
  readonly changed: OrganizationRecord | undefined;
  readonly onDone: () => void;
}

/** Makes an organization, or changes one. */
export function OrganizationForm({ changed, onDone }: OrganizationFormProps) {
  const [id, setId] = useState(changed?.id ?? '');
  const [name, setName] = useState(changed?.name ?? '');
  const [limits, setLimits] = useState(toLimitTexts(changed?.limits));
  const creation = useCreateOrganization();
  const change = useChangeOrganization();
  const { isPending, error } = changed ? change : creation;
  const end = () => {
    setId('');
    setName('');
    setLimits(toLimitTexts());
    onDone();
  };
  const submit = () => {
    const facts = { ...(name.trim() !== '' && { name }), limits: toLimitsBody(limits) };
    if (changed) change.mutate({ id: changed.id, change: facts }, { onSuccess: end });
    else creation.mutate({ id, ...facts }, { onSuccess: end });
  };
  return (
    <SettingsForm
      label={changed ? `Change ${changed.name}` : 'Make an organization'}
      submitName={changed ? 'Save' : 'Make organization'}
      isBusy={isPending}
      problem={error && toSentence(error)}
      onSubmit={submit}
      onCancel={changed && onDone}
    >
      <div className="field-row">
        <TextField
          label="Id"
          hint="Identifies the organization in keys, budgets and headers. It cannot be changed later."
          required
          disabled={changed !== undefined}
          pattern={String.raw`[\w.\-]{1,100}`}
          title="Letters, digits, dots, dashes and underscores."
          value={id}
          onChange={setId}
        />
        <TextField
          label="Name"
          hint="Shown to people. If empty, the id is shown."
          maxLength={100}
          value={name}
          onChange={setName}
        />
      </div>
      <LimitFields texts={limits} onChange={setLimits} />
    </SettingsForm>
  );
}
