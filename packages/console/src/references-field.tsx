import { isReference, maxReferences } from '@darkroom/protocol';
import { type KeyboardEvent, useId, useState } from 'react';
import { FileChoice } from './file-choice.tsx';
import { Problem } from './problem.tsx';
import type { Reference } from './references.ts';
import { type Refusal, Refusals } from './refusals.tsx';
import './styles/references-field.css';

export interface ReferencesFieldProps {
  readonly references: readonly Reference[];
  readonly refusals: readonly Refusal[];
  /** The problem with the references, if any. */
  readonly problem: string | undefined;
  readonly onFiles: (files: readonly File[]) => void;
  readonly onUrl: (url: string) => void;
  readonly onRemove: (id: number) => void;
  readonly onDismiss: (id: number) => void;
}

/** Pictures for the model: from the disk, dropped or pasted on the form, or by URL. */
export function ReferencesField(props: ReferencesFieldProps) {
  const { references, refusals, problem, onFiles, onUrl, onRemove, onDismiss } = props;
  const isFull = references.length >= maxReferences;
  return (
    <fieldset className="references">
      <legend className="field">
        References
        <span className="note">
          {references.length > 0 ? `${references.length} of ${maxReferences}` : 'drop, paste or choose'}
        </span>
      </legend>
      {references.length > 0 && (
        <ul>
          {references.map((reference) => (
            <li key={reference.id}>
              <Preview reference={reference} />
              <button type="button" aria-label={`Remove ${reference.name}`} onClick={() => onRemove(reference.id)}>
                ×
              </button>
            </li>
          ))}
        </ul>
      )}
      {!isFull && (
        <div className="add">
          <FileChoice onFiles={onFiles} />
          <UrlField onAdd={onUrl} />
        </div>
      )}
      <Problem>{problem}</Problem>
      <Refusals refusals={refusals} onDismiss={onDismiss} />
    </fieldset>
  );
}

function Preview({ reference }: { readonly reference: Reference }) {
  const [isUnshowable, setUnshowable] = useState(false);
  // Pictures from other hosts are not loaded: the page's policy forbids it, and those hosts should not learn of the reader.
  if (reference.state === 'ready' && reference.isUploaded && !isUnshowable)
    return <img src={reference.url} alt={reference.name} onError={() => setUnshowable(true)} />;
  return (
    <span className={`name ${reference.state}`}>{reference.state === 'uploading' ? 'Uploading…' : reference.name}</span>
  );
}

function UrlField({ onAdd }: { readonly onAdd: (url: string) => void }) {
  const [url, setUrl] = useState('');
  const id = useId();
  const [isWrong, setWrong] = useState(false);

  const change = (text: string) => {
    setUrl(text);
    setWrong(false);
  };

  const add = () => {
    if (url.trim() === '') return;
    setWrong(!isReference(url.trim()));
    if (!isReference(url.trim())) return;
    onAdd(url.trim());
    setUrl('');
  };
  const addOnEnter = (event: KeyboardEvent) => {
    if (event.key !== 'Enter') return;
    // Enter would send the request.
    event.preventDefault();
    add();
  };
  return (
    <div className="reference-url">
      <input
        aria-label="URL of a picture, then Enter"
        aria-invalid={isWrong}
        aria-describedby={`${id}-problem`}
        placeholder="or a URL"
        inputMode="url"
        value={url}
        onChange={(event) => change(event.target.value)}
        onKeyDown={addOnEnter}
        onBlur={add}
      />
      <Problem id={`${id}-problem`}>
        {isWrong && 'This is not the URL of a picture: it must begin with http:// or https://.'}
      </Problem>
    </div>
  );
}
