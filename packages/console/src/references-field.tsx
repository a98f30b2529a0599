import { isReference, maxReferences } from '@darkroom/protocol';
import { type KeyboardEvent, useState } from 'react';
import { FileChoice } from './file-choice.tsx';
import type { Reference, useReferences } from './references.ts';
import './styles/references-field.css';

/** Pictures to show the model: from the disk, dropped or pasted on the form, or by URL. */
export function ReferencesField({ references, addFiles, addUrl, remove }: ReturnType<typeof useReferences>) {
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
              <button type="button" aria-label={`Remove ${reference.name}`} onClick={() => remove(reference.id)}>
                ×
              </button>
            </li>
          ))}
        </ul>
      )}
      {!isFull && (
        <div className="add">
          <FileChoice onFiles={addFiles} />
          <UrlField onAdd={addUrl} />
        </div>
      )}
      {references.map(
        (reference) =>
          reference.state === 'refused' && (
            <p key={reference.id} className="problem" role="alert">
              {reference.name}: {reference.reason}
            </p>
          ),
      )}
    </fieldset>
  );
}

function Preview({ reference }: { readonly reference: Reference }) {
  const [isUnshowable, setUnshowable] = useState(false);
  // Pictures of other hosts are not loaded: the page's policy forbids it, and their hosts need not know of the reader.
  if (reference.state === 'ready' && reference.isUploaded && !isUnshowable)
    return <img src={reference.url} alt={reference.name} onError={() => setUnshowable(true)} />;
  return (
    <span className={`name ${reference.state}`}>{reference.state === 'uploading' ? 'Uploading…' : reference.name}</span>
  );
}

function UrlField({ onAdd }: { readonly onAdd: (url: string) => void }) {
  const [url, setUrl] = useState('');
  const [isWrong, setWrong] = useState(false);

  const add = () => {
    if (url.trim() === '') return;
    setWrong(!isReference(url.trim()));
    if (!isReference(url.trim())) return;
    onAdd(url.trim());
    setUrl('');
  };
  const addOnEnter = (event: KeyboardEvent) => {
    if (event.key !== 'Enter') return;
    // It would send the request.
    event.preventDefault();
    add();
  };
  return (
    <input
      className="reference-url"
      aria-label="URL of a picture, then Enter"
      aria-invalid={isWrong}
      placeholder="or a URL"
      inputMode="url"
      value={url}
      onChange={(event) => setUrl(event.target.value)}
      onKeyDown={addOnEnter}
      onBlur={add}
    />
  );
}
