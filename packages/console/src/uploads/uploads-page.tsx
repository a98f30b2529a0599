import { maxReferences } from '@darkroom/protocol';
import { useState } from 'react';
import { ConfirmButton } from '../confirm-button.tsx';
import { CopyButton } from '../copy-button.tsx';
import { FileChoice } from '../file-choice.tsx';
import { useFileTarget } from '../file-target.ts';
import { formatBytes, formatPixels } from '../formats.ts';
import { Problem } from '../problem.tsx';
import { Refusals } from '../refusals.tsx';
import { toSentence } from '../sentences.ts';
import { useTitle } from '../title.ts';
import type { KeptUpload } from './kept-uploads.ts';
import { useUploads } from './uploads.ts';
import '../styles/uploads.css';

/** Turns files into URLs that requests can use as references. */
export function UploadsPage() {
  useTitle('Uploads');
  const { uploads, underWay, refusals, dismiss, remove, addFiles } = useUploads();
  const { isTarget, handlers } = useFileTarget(addFiles);
  return (
    <main className="page" {...handlers}>
      <div className="page-head">
        <h1>Uploads</h1>
        <p className="soft">Upload pictures to get URLs that requests can use as references.</p>
      </div>
      <section className={isTarget ? 'drop is-target' : 'drop'} aria-label="New uploads">
        <p className="title">Drop pictures here, or paste them</p>
        <FileChoice onFiles={addFiles} />
        <p className="soft small">
          PNG, JPEG, WebP, HEIC or HEIF, at most 7 MB each. A request takes up to {maxReferences}. Anyone who knows a
          URL can see its picture.
        </p>
        <p role="status" className="small">
          {underWay > 0 && `Uploading ${underWay === 1 ? '1 picture' : `${underWay} pictures`}…`}
        </p>
      </section>
      <Refusals refusals={refusals} onDismiss={dismiss} />
      <section className="part" aria-labelledby="uploaded">
        <h2 id="uploaded" className="title">
          Uploaded in this tab
        </h2>
        {uploads.length === 0 && (
          <p className="soft">None yet. Uploads are listed until the tab is closed. Their URLs remain valid.</p>
        )}
        <Problem>{remove.error && toSentence(remove.error)}</Problem>
        <ul className="uploads">
          {uploads.map((upload) => (
            <li key={upload.url} className="panel">
              <Uploaded upload={upload} isBusy={remove.isPending} onDelete={() => remove.mutate(upload.url)} />
            </li>
          ))}
        </ul>
      </section>
    </main>
  );
}

interface UploadedProps {
  readonly upload: KeptUpload;
  readonly isBusy: boolean;
  readonly onDelete: () => void;
}

function Uploaded({ upload: { url, name, type, bytes, pixels }, isBusy, onDelete }: UploadedProps) {
  const [isUnshowable, setUnshowable] = useState(false);
  return (
    <>
      <span className="upload-picture">
        {isUnshowable ? (
          <span className="soft small">No preview</span>
        ) : (
          <img src={url} alt={name} width={pixels?.width} height={pixels?.height} onError={() => setUnshowable(true)} />
        )}
      </span>
      <div className="upload-words">
        <p className="upload-name">{name}</p>
        <p className="facts">
          <span>{type === '' ? 'HEIC' : type.replace('image/', '').toUpperCase()}</span>
          {pixels && <span>{formatPixels(pixels)}</span>}
          <span>{formatBytes(bytes)}</span>
        </p>
        <code className="soft">{url}</code>
        <div className="actions">
          <CopyButton text={url} name="Copy URL" />
          <ConfirmButton name="Delete" of={name} question={`Delete “${name}”?`} isBusy={isBusy} onConfirm={onDelete}>
            The picture is deleted for good, and its URL stops working. Requests that still need it will fail.
          </ConfirmButton>
        </div>
      </div>
    </>
  );
}
