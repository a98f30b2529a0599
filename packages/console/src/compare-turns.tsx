import type { RequestRecord } from '@darkroom/protocol';
import { useState } from 'react';
import { type Picture, toPictures, toPreviousImage, toPrompt } from './record-facts.ts';
import { useEarlierTurns } from './turns.ts';
import './styles/compare-turns.css';

/** The picture over that of the previous turn, with a slider between the two. Collapsed at first. */
export function CompareTurns({ record }: { readonly record: RequestRecord }) {
  const turnBefore = useEarlierTurns(record).at(-1);
  const before = turnBefore && toPictures(turnBefore)[toPreviousImage(record)];
  const [after] = toPictures(record);
  if (!before || !after) return null;
  return (
    <details className="compare">
      <summary>Compare with the previous turn</summary>
      <Slider before={before} after={after} alt={toPrompt(record)} />
    </details>
  );
}

interface SliderProps {
  readonly before: Picture;
  readonly after: Picture;
  readonly alt: string;
}

function Slider({ before, after, alt }: SliderProps) {
  const [percent, setPercent] = useState(50);
  return (
    <div className="compared">
      <img src={after.url} alt={alt} loading="lazy" />
      <img
        src={before.url}
        alt="The previous turn"
        loading="lazy"
        style={{ clipPath: `inset(0 ${100 - percent}% 0 0)` }}
      />
      <input
        type="range"
        aria-label="How much of the previous turn is shown"
        value={percent}
        onChange={(event) => setPercent(event.target.valueAsNumber)}
      />
    </div>
  );
}
