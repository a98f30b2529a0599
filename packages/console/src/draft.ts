import type { Submission } from '@darkroom/client';
import type { PayloadInput, RequestRecord } from '@darkroom/protocol';
import { type FormEvent, useSyncExternalStore } from 'react';
import type { Draft, DraftStore, Editing } from './draft-store.ts';
import { useEdited } from './editing.ts';
import { fitChoices, toOffer } from './model-choices.ts';
import { useModelDetail } from './models.ts';
import type { Choices } from './picture-choices.tsx';
import { estimateDollars } from './price.ts';
import { toPictures } from './record-facts.ts';
import { addFiles, addUrl, toImages } from './references.ts';
import { useSubmit } from './requests.ts';
import { useDarkroom, useDraftStore } from './session.tsx';
import { toSubmitProblems } from './submit-problems.ts';

/** The request as it is being written, what it will cost, and how to send it. */
export function useDraft(onSubmitted: (requestId: string) => void) {
  const darkroom = useDarkroom();
  const store = useDraftStore();
  const draft = useSyncExternalStore(store.subscribe, store.read);
  const submission = useSubmit();
  const detail = useModelDetail(draft.model);
  const offer = toOffer(detail, draft.choices);
  const choices = fitChoices(draft.choices, offer);
  const edited = useEdited(store, draft.editing);

  const change = (changed: Partial<Draft>) => {
    // The change may have fixed what was wrong.
    submission.reset();
    store.change(changed);
  };
  const { references } = draft;
  const isUploading = references.some(({ state }) => state === 'uploading');
  const isBusy = submission.isPending || isUploading || edited.isWaiting;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isBusy) return;
    const sent = store.read();
    const payload = toPayload({ ...sent, choices: fitChoices(sent.choices, offer) }, edited.record);
    submission.mutate(
      { model: sent.model, payload, ...toService(fitChoices(sent.choices, offer)) },
      {
        onSuccess: ({ request_id: id }) => {
          store.change(toNextDraft(store, sent, id));
          onSubmitted(id);
        },
      },
    );
  };
  const shown = references.length + (draft.editing ? 1 : 0);
  return {
    draft,
    /** As far as the model offers them. */
    choices,
    offer,
    pixels: detail?.pixels[choices.size]?.[choices.ratio],
    edited,
    change,
    choose: (changed: Partial<Choices>) => change({ choices: { ...store.read().choices, ...changed } }),
    addFiles: (files: readonly File[]) => addFiles(store, darkroom, files),
    addUrl: (url: string) => addUrl(store, url),
    /** In dollars; `undefined` while the prices are not known. */
    cost: detail && estimateDollars(detail.prices, { ...choices, references: shown }),
    isUploading,
    isBusy,
    problems: toSubmitProblems(submission.error, references),
    submit,
  };
}

/** What stays in the form after a request was sent. For an edit, that is an empty turn that continues from it. */
function toNextDraft(store: DraftStore, sent: Draft, id: string): Partial<Draft> {
  const { prompt, references, editing } = store.read();
  const isSent = new Set(sent.references.map((reference) => reference.id));
  const isPromptSent = prompt === sent.prompt;
  if (!editing || editing !== sent.editing) {
    return {
      isPromptSent,
      references: references.map((one) =>
        isSent.has(one.id) && one.state === 'ready' ? { ...one, isSent: true } : one,
      ),
    };
  }
  return {
    ...(isPromptSent && { prompt: '' }),
    references: references.filter((one) => !isSent.has(one.id)),
    editing: { ...editing, nextId: id },
  };
}

/** The form at the start of an edit. References that an earlier request already used are not sent again. */
export function toEditDraft({ prompt, isPromptSent, references }: Draft, editing: Editing): Partial<Draft> {
  return {
    editing,
    prompt: isPromptSent ? '' : prompt,
    isPromptSent: false,
    references: references.filter((one) => one.state === 'uploading' || !one.isSent),
  };
}

function toService({ tier, allowsStandIn }: Choices): Pick<Submission, 'serviceTier' | 'fallback'> {
  return { ...(tier !== 'standard' && { serviceTier: tier }), ...(!allowsStandIn && { fallback: false }) };
}

function toPayload({ prompt, references, editing, choices }: Draft, edited: RequestRecord | undefined): PayloadInput {
  const images = toImages(references);
  const isOneOfMany = edited !== undefined && toPictures(edited).length > 1;
  return {
    prompt,
    ...(images.length > 0 && { image: [...images] }),
    ...(editing && { previous_request_id: editing.requestId }),
    ...(editing && isOneOfMany && { previous_image: editing.image }),
    image_size: choices.size,
    aspect_ratio: choices.ratio,
    image_output_format: choices.format,
    number_of_images: choices.count,
  };
}
