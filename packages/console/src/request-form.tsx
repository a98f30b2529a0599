import { useEffect, useRef } from 'react';
import { type DraftOptions, useDraft } from './draft.ts';
import { useFileTarget } from './file-target.ts';
import { formatDollars } from './formats.ts';
import { ModelField } from './model-field.tsx';
import { RatioChoice, SizeFormatCount } from './picture-choices.tsx';
import { PreviousPicture } from './previous-picture.tsx';
import { PromptField } from './prompt-field.tsx';
import { ReferencesField } from './references-field.tsx';
import { toSentence } from './session.tsx';
import './styles/request-form.css';

export interface RequestFormProps extends DraftOptions {
  readonly onPreviousDropped: () => void;
}

export function RequestForm({ previous, onPreviousDropped, onSubmitted }: RequestFormProps) {
  const draft = useDraft({ previous, onSubmitted });
  const { prompt, choices, change, references, isBusy, error } = draft;
  const { isTarget, handlers } = useFileTarget(references.addFiles);
  const promptField = useFocusWith(previous?.request_id);
  return (
    <form className={`request-form panel ${isTarget ? 'is-target' : ''}`} onSubmit={draft.submit} {...handlers}>
      {previous && <PreviousPicture record={previous} onDropped={onPreviousDropped} />}
      <PromptField
        label={previous ? 'What should change?' : 'What should the picture show?'}
        prompt={prompt}
        onChange={draft.setPrompt}
        field={promptField}
      />
      <ReferencesField {...references} />
      <RatioChoice choices={choices} onChange={change} />
      <div className="row">
        <SizeFormatCount choices={choices} onChange={change} />
        <ModelField model={draft.model} onChange={draft.setModel} />
      </div>
      <div className="send">
        <button type="submit" className="primary" aria-disabled={isBusy}>
          {choices.count === 1 ? 'Make picture' : `Make ${choices.count} pictures`}
          <kbd>{isApple ? '⌘ ↵' : 'Ctrl ↵'}</kbd>
        </button>
        <output className="cost" aria-label="Expected cost">
          {draft.isUploading && 'The references are still on their way. '}
          {draft.cost !== undefined && `About ${formatDollars(draft.cost)}`}
        </output>
      </div>
      <p className="problem" role="alert">
        {error && toSentence(error)}
      </p>
    </form>
  );
}

const isApple = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** The prompt takes the focus when another turn is to be edited. */
function useFocusWith(id: string | undefined) {
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (id === undefined) return;
    field.current?.scrollIntoView({ block: 'center' });
    field.current?.focus({ preventScroll: true });
  }, [id]);
  return field;
}
