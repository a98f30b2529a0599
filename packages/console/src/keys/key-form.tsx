import type { KeyRecord } from '@darkroom/protocol';
import { useState } from 'react';
import { toSentence } from '../sentences.ts';
import { SettingsForm } from '../settings-form.tsx';
import { ShownSecret } from '../shown-secret.tsx';
import { useChangeKey, useCreateKey } from './api-keys.ts';
import { KeyFields, type KeyTexts, toKeyBody, toKeyChange, toKeyTexts } from './key-fields.tsx';

/** Creates a key and shows it, once. */
export function NewKeyForm() {
  const creation = useCreateKey();
  const [texts, setTexts] = useState(toKeyTexts());
  const create = () => creation.mutate(toKeyBody(texts), { onSuccess: () => setTexts(toKeyTexts()) });
  return (
    <>
      {creation.data && (
        <ShownSecret secret={creation.data.api_key} onDone={creation.reset}>
          <strong>The key “{creation.data.name}” is shown only once.</strong> Copy it to where it will be used.
        </ShownSecret>
      )}
      <KeyForm {...{ texts, setTexts }} work={creation} submitName="Create key" onSubmit={create} />
    </>
  );
}

interface ChangeKeyFormProps {
  readonly changed: KeyRecord;
  readonly onDone: () => void;
}

/** Changes what a key may do. Its text stays the same. */
export function ChangeKeyForm({ changed, onDone }: ChangeKeyFormProps) {
  const change = useChangeKey();
  const [texts, setTexts] = useState(toKeyTexts(changed));
  const save = () => change.mutate({ id: changed.id, change: toKeyChange(texts, changed) }, { onSuccess: onDone });
  return <KeyForm {...{ texts, setTexts, onDone }} work={change} submitName="Save" onSubmit={save} />;
}

interface KeyFormProps {
  readonly texts: KeyTexts;
  readonly setTexts: (change: (texts: KeyTexts) => KeyTexts) => void;
  readonly work: { readonly isPending: boolean; readonly error: Error | null };
  readonly submitName: string;
  readonly onSubmit: () => void;
  /** Only where a key is changed. */
  readonly onDone?: () => void;
}

function KeyForm({ texts, setTexts, work: { isPending, error }, submitName, onSubmit, onDone }: KeyFormProps) {
  return (
    <SettingsForm
      submitName={submitName}
      isBusy={isPending}
      problem={error && toSentence(error)}
      onSubmit={onSubmit}
      onCancel={onDone}
    >
      <KeyFields
        texts={texts}
        isChange={onDone !== undefined}
        onChange={(changed) => setTexts((all) => ({ ...all, ...changed }))}
      />
    </SettingsForm>
  );
}
