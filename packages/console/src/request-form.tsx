import {
  type AspectRatio,
  aspectRatios,
  type ImageOutputFormat,
  type ImageSize,
  imageOutputFormats,
  imageSizes,
  type RequestRecord,
  toPixels,
} from '@darkroom/protocol';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { Choice } from './choice.tsx';
import { useFileTarget } from './file-target.ts';
import { formatDollars, formatPixels } from './formats.ts';
import { ModelField } from './model-field.tsx';
import { defaultModel, usePricingDetails } from './models.ts';
import { PreviousPicture } from './previous-picture.tsx';
import { estimateDollars } from './price.ts';
import { PromptField } from './prompt-field.tsx';
import { RatioShape } from './ratio-shape.tsx';
import { toImages, useReferences } from './references.ts';
import { ReferencesField } from './references-field.tsx';
import { useSubmit } from './requests.ts';
import { toSentence } from './session.tsx';
import './styles/request-form.css';

const counts = [1, 2, 3, 4] as const;

const formatNames: Record<ImageOutputFormat, string> = { png: 'PNG', jpeg: 'JPEG' };

export interface RequestFormProps {
  /** The turn that is edited further. */
  readonly previous: RequestRecord | undefined;
  readonly onPreviousDropped: () => void;
  readonly onSubmitted: (requestId: string) => void;
}

export function RequestForm({ previous, onPreviousDropped, onSubmitted }: RequestFormProps) {
  const [prompt, setPrompt] = useState('');
  const [model, setModel] = useState(defaultModel);
  const [size, setSize] = useState<ImageSize>('1K');
  const [ratio, setRatio] = useState<AspectRatio>('1:1');
  const [format, setFormat] = useState<ImageOutputFormat>('png');
  const [count, setCount] = useState<(typeof counts)[number]>(1);
  const references = useReferences();
  const { isTarget, handlers } = useFileTarget(references.addFiles);
  const submission = useSubmit();
  const promptField = useFocusWith(previous);

  const images = toImages(references.references);
  const isUploading = references.references.some(({ state }) => state === 'uploading');
  const isBusy = submission.isPending || isUploading;
  const pricing = usePricingDetails(model);
  const cost =
    pricing === undefined
      ? undefined
      : estimateDollars(pricing, { size, count, references: images.length + (previous ? 1 : 0) });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isBusy) return;
    const payload = {
      prompt,
      ...(images.length > 0 && { image: [...images] }),
      ...(previous && { previous_request_id: previous.request_id }),
      image_size: size,
      aspect_ratio: ratio,
      image_output_format: format,
      number_of_images: count,
    };
    submission.mutate({ model, payload }, { onSuccess: ({ request_id }) => onSubmitted(request_id) });
  };
  return (
    <form className={`request-form panel ${isTarget ? 'is-target' : ''}`} onSubmit={submit} {...handlers}>
      {previous && <PreviousPicture record={previous} onDropped={onPreviousDropped} />}
      <PromptField
        label={previous ? 'What should change?' : 'What should the picture show?'}
        prompt={prompt}
        onChange={setPrompt}
        field={promptField}
      />
      <ReferencesField {...references} />
      <Choice
        legend="Shape"
        note={`${formatPixels(toPixels(size, ratio))} pixels`}
        className="ratios"
        options={aspectRatios}
        value={ratio}
        onChange={setRatio}
      >
        {(option) => (
          <>
            <RatioShape ratio={option} />
            {option}
          </>
        )}
      </Choice>
      <div className="row">
        <Choice legend="Size" options={imageSizes} value={size} onChange={setSize}>
          {(option) => option}
        </Choice>
        <Choice legend="Format" options={imageOutputFormats} value={format} onChange={setFormat}>
          {(option) => formatNames[option]}
        </Choice>
        <Choice legend="Pictures" options={counts} value={count} onChange={setCount}>
          {(option) => option}
        </Choice>
        <ModelField model={model} onChange={setModel} />
      </div>
      <div className="send">
        <button type="submit" className="primary" aria-disabled={isBusy}>
          {count === 1 ? 'Make picture' : `Make ${count} pictures`}
          <kbd>{isApple ? '⌘ ↵' : 'Ctrl ↵'}</kbd>
        </button>
        <output className="cost" aria-label="Expected cost">
          {isUploading && 'The references are still on their way. '}
          {cost !== undefined && `About ${formatDollars(cost)}`}
        </output>
      </div>
      <p className="problem" role="alert">
        {submission.error && toSentence(submission.error)}
      </p>
    </form>
  );
}

const isApple = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** The prompt takes the focus when another turn is to be edited. */
function useFocusWith(previous: RequestRecord | undefined) {
  const field = useRef<HTMLTextAreaElement>(null);
  const id = previous?.request_id;
  useEffect(() => {
    if (id === undefined) return;
    field.current?.scrollIntoView({ block: 'center' });
    field.current?.focus({ preventScroll: true });
  }, [id]);
  return field;
}
