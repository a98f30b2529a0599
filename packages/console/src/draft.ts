import type { PayloadInput, RequestRecord } from '@darkroom/protocol';
import { type FormEvent, useState } from 'react';
import { defaultModel, usePricingDetails } from './models.ts';
import { type Choices, firstChoices } from './picture-choices.tsx';
import { estimateDollars } from './price.ts';
import { toImages, useReferences } from './references.ts';
import { useSubmit } from './requests.ts';

export interface DraftOptions {
  /** The turn that is edited further. */
  readonly previous: RequestRecord | undefined;
  readonly onSubmitted: (requestId: string) => void;
}

/** The request as it is being written, what it will cost, and its sending. */
export function useDraft({ previous, onSubmitted }: DraftOptions) {
  const [prompt, setPrompt] = useState('');
  const [model, setModel] = useState(defaultModel);
  const [choices, setChoices] = useState(firstChoices);
  const references = useReferences();
  const submission = useSubmit();
  const pricing = usePricingDetails(model);

  const images = toImages(references.references);
  const isUploading = references.references.some(({ state }) => state === 'uploading');
  const isBusy = submission.isPending || isUploading;
  const shown = images.length + (previous ? 1 : 0);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isBusy) return;
    const payload = toPayload({ prompt, images, previousId: previous?.request_id, choices });
    submission.mutate({ model, payload }, { onSuccess: ({ request_id }) => onSubmitted(request_id) });
  };
  return {
    prompt,
    setPrompt,
    model,
    setModel,
    choices,
    change: (changed: Partial<Choices>) => setChoices((all) => ({ ...all, ...changed })),
    references,
    /** In dollars; `undefined` while the prices are not known. */
    cost: pricing === undefined ? undefined : estimateDollars(pricing, { ...choices, references: shown }),
    isUploading,
    isBusy,
    error: submission.error,
    submit,
  };
}

interface Asked {
  readonly prompt: string;
  readonly images: readonly string[];
  readonly previousId: string | undefined;
  readonly choices: Choices;
}

function toPayload({ prompt, images, previousId, choices: { size, ratio, format, count } }: Asked): PayloadInput {
  return {
    prompt,
    ...(images.length > 0 && { image: [...images] }),
    ...(previousId !== undefined && { previous_request_id: previousId }),
    image_size: size,
    aspect_ratio: ratio,
    image_output_format: format,
    number_of_images: count,
  };
}
