import {
  type AspectRatio,
  aspectRatios,
  type ImageOutputFormat,
  type ImageSize,
  imageOutputFormats,
  imageSizes,
  toPixels,
} from '@darkroom/protocol';
import { type FormEvent, type KeyboardEvent, useId, useState } from 'react';
import { Choice } from './choice.tsx';
import { formatPixels } from './formats.ts';
import { RatioShape } from './ratio-shape.tsx';
import { useSubmit } from './requests.ts';
import { toSentence } from './session.tsx';
import './styles/request-form.css';

const counts = [1, 2, 3, 4] as const;

const formatNames: Record<ImageOutputFormat, string> = { png: 'PNG', jpeg: 'JPEG' };

export function RequestForm({ onSubmitted }: { readonly onSubmitted: (requestId: string) => void }) {
  const [prompt, setPrompt] = useState('');
  const [size, setSize] = useState<ImageSize>('1K');
  const [ratio, setRatio] = useState<AspectRatio>('1:1');
  const [format, setFormat] = useState<ImageOutputFormat>('png');
  const [count, setCount] = useState<(typeof counts)[number]>(1);
  const submission = useSubmit();

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (submission.isPending) return;
    const choices = { image_size: size, aspect_ratio: ratio, image_output_format: format, number_of_images: count };
    submission.mutate({ payload: { prompt, ...choices } }, { onSuccess: ({ request_id }) => onSubmitted(request_id) });
  };
  return (
    <form className="request-form panel" onSubmit={submit}>
      <PromptField prompt={prompt} onChange={setPrompt} />
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
      </div>
      <button type="submit" className="primary" aria-disabled={submission.isPending}>
        {count === 1 ? 'Make picture' : `Make ${count} pictures`}
        <kbd>{isApple ? '⌘ ↵' : 'Ctrl ↵'}</kbd>
      </button>
      <p className="problem" role="alert">
        {submission.error && toSentence(submission.error)}
      </p>
    </form>
  );
}

const isApple = /Mac|iPhone|iPad/.test(navigator.userAgent);

function PromptField({ prompt, onChange }: { readonly prompt: string; readonly onChange: (prompt: string) => void }) {
  const id = useId();
  return (
    <div className="prompt">
      <label className="field" htmlFor={id}>
        What should the picture show?
      </label>
      <textarea
        id={id}
        rows={5}
        required
        placeholder="A lighthouse by the sea at sunset, long exposure, soft light"
        aria-keyshortcuts="Control+Enter Meta+Enter"
        value={prompt}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={submitOnShortcut}
      />
    </div>
  );
}

function submitOnShortcut(event: KeyboardEvent<HTMLTextAreaElement>): void {
  if (event.key !== 'Enter' || !(event.metaKey || event.ctrlKey)) return;
  event.preventDefault();
  event.currentTarget.form?.requestSubmit();
}
