import type { RequestRecord } from '@darkroom/protocol';
import { toPictures, toPrompt } from './record-facts.ts';

export interface PreviousPictureProps {
  readonly record: RequestRecord;
  readonly onDropped: () => void;
}

/** The picture that the next request changes. */
export function PreviousPicture({ record, onDropped }: PreviousPictureProps) {
  const [picture] = toPictures(record);
  return (
    <div className="previous">
      {picture && <img src={picture.thumbnailUrl} alt="" />}
      <div>
        <p className="field">Editing</p>
        <p className="previous-prompt">{toPrompt(record)}</p>
      </div>
      <button type="button" onClick={onDropped}>
        Start anew
      </button>
    </div>
  );
}
