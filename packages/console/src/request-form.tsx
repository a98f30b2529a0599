import { useEffect, useRef } from 'react';
import { useDraft } from './draft.ts';
import { EditedPicture } from './edited-picture.tsx';
import { useFileTarget } from './file-target.ts';
import { ModelField } from './model-field.tsx';
import { RatioChoice, SizeFormatCount } from './picture-choices.tsx';
import { Problem } from './problem.tsx';
import { PromptField } from './prompt-field.tsx';
import { ReferencesField } from './references-field.tsx';
import { SendButton } from './send-button.tsx';
import { ServiceChoices } from './service-choices.tsx';
import './styles/request-form.css';

export interface RequestFormProps {
  readonly onSubmitted: (requestId: string) => void;
}

/** The form for new pictures, or for a change to an existing one. */
export function RequestForm({ onSubmitted }: RequestFormProps) {
  const form = useDraft(onSubmitted);
  const { draft, choices, offer, edited, change, choose, problems } = form;
  const { editing, references, refusals } = draft;
  const { isTarget, handlers } = useFileTarget(form.addFiles);
  const promptField = useFocusWith(editing && `${editing.requestId} ${editing.image}`, problems.prompt);
  const className = ['request-form panel', editing && 'is-edit', isTarget && 'is-target'].filter(Boolean).join(' ');
  return (
    <form className={className} onSubmit={form.submit} {...handlers}>
      {editing && (
        <EditedPicture
          editing={editing}
          edited={edited}
          problem={problems.edited}
          onChoose={(image) => change({ editing: { ...editing, image } })}
          onLeave={() => change({ editing: undefined })}
        />
      )}
      <PromptField
        label={editing ? 'What should change?' : 'What should the picture show?'}
        prompt={draft.prompt}
        problem={problems.prompt}
        onChange={(prompt) => change({ prompt, isPromptSent: false })}
        field={promptField}
      />
      <ReferencesField
        references={references}
        refusals={refusals}
        problem={problems.references}
        onFiles={form.addFiles}
        onUrl={form.addUrl}
        onRemove={(id) => change({ references: references.filter((one) => one.id !== id) })}
        onDismiss={(id) => change({ refusals: refusals.filter((one) => one.id !== id) })}
      />
      <RatioChoice choices={choices} offer={offer} pixels={form.pixels} onChange={choose} />
      <div className="row">
        <SizeFormatCount choices={choices} offer={offer} onChange={choose} />
        <ModelField model={draft.model} onChange={(model) => change({ model })} />
      </div>
      <ServiceChoices choices={choices} offer={offer} onChange={choose} />
      <Problem>{problems.form}</Problem>
      <SendButton
        isEdit={editing !== undefined}
        count={choices.count}
        cost={form.cost}
        isMost={choices.tier === 'cheapest'}
        isBusy={form.isBusy}
        isUploading={form.isUploading}
        isWaiting={edited.isWaiting}
      />
    </form>
  );
}

/** Focuses the prompt when another picture is chosen for editing, and when there is a problem with the prompt. */
function useFocusWith(edited: string | undefined, problem: string | undefined) {
  const field = useRef<HTMLTextAreaElement>(null);
  const known = useRef(edited);
  useEffect(() => {
    const isNew = edited !== undefined && edited !== known.current;
    known.current = edited;
    if (!isNew) return;
    field.current?.scrollIntoView({ block: 'center' });
    field.current?.focus({ preventScroll: true });
  }, [edited]);
  useEffect(() => {
    if (problem !== undefined) field.current?.focus({ preventScroll: true });
  }, [problem]);
  return field;
}
