import { useId } from 'react';
import type { Editing } from './draft-store.ts';
import type { useEdited } from './editing.ts';
import { Problem } from './problem.tsx';
import { ReadState } from './read-state.tsx';
import { type Picture, toPictures, toPrompt } from './record-facts.ts';
import './styles/edited-picture.css';

export interface EditedPictureProps {
  readonly editing: Editing;
  readonly edited: ReturnType<typeof useEdited>;
  readonly problem: string | undefined;
  readonly onChoose: (image: number) => void;
  readonly onLeave: () => void;
}

/** The picture that the next request changes. If its request made several, the reader chooses one. */
export function EditedPicture({ editing, edited: { query, record }, problem, onChoose, onLeave }: EditedPictureProps) {
  const id = useId();
  const pictures = record ? toPictures(record) : [];
  return (
    <section className="edited" aria-labelledby={id}>
      <div className="edited-head">
        <h2 id={id} className="field">
          {pictures.length > 1 ? `Editing picture ${editing.image + 1} of ${pictures.length}` : 'Editing this picture'}
        </h2>
        <button type="button" onClick={onLeave}>
          Stop editing
        </button>
      </div>
      <ReadState of={query} />
      <div className={pictures.length > 1 ? 'edited-pictures many' : 'edited-pictures'}>
        {pictures.length > 1 ? (
          <PictureChoice pictures={pictures} chosen={editing.image} onChoose={onChoose} />
        ) : (
          pictures.map((picture) => <img key={picture.id} src={picture.thumbnailUrl} alt="" />)
        )}
        {record && <p className="edited-prompt">{toPrompt(record)}</p>}
      </div>
      <p className="soft small" role="status">
        {editing.nextId !== undefined && 'Your change is under way. The new picture is edited next.'}
      </p>
      <Problem>{problem}</Problem>
    </section>
  );
}

interface PictureChoiceProps {
  readonly pictures: readonly Picture[];
  readonly chosen: number;
  readonly onChoose: (image: number) => void;
}

function PictureChoice({ pictures, chosen, onChoose }: PictureChoiceProps) {
  const name = useId();
  return (
    <fieldset>
      <legend className="visually-hidden">The picture to edit</legend>
      {pictures.map((picture, index) => (
        <label key={picture.id}>
          <input
            type="radio"
            name={name}
            aria-label={`Picture ${index + 1}`}
            checked={index === chosen}
            onChange={() => onChoose(index)}
          />
          <img src={picture.thumbnailUrl} alt="" />
        </label>
      ))}
    </fieldset>
  );
}
