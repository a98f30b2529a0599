import { type ChangeEvent, useId } from 'react';
import { acceptedFiles } from './upload-file.ts';
import './styles/file-choice.css';

/** A button that lets the reader choose pictures from the disk. */
export function FileChoice({ onFiles }: { readonly onFiles: (files: readonly File[]) => void }) {
  const id = useId();
  const choose = (event: ChangeEvent<HTMLInputElement>) => {
    onFiles([...(event.target.files ?? [])]);
    // So that the same file can be chosen again.
    event.target.value = '';
  };
  return (
    <div className="file-choice">
      <input id={id} type="file" multiple accept={acceptedFiles} onChange={choose} />
      <label htmlFor={id} className="button">
        Choose files
      </label>
    </div>
  );
}
