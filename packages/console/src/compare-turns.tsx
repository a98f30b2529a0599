import type { RequestRecord } from '@darkroom/protocol';
import { useState } from 'react';
import { type Picture, toPictures, toPreviousImage, toPrompt } from './record-facts.ts';
import { useEarlierTurns } from './turns.ts';
import './styles/compare-turns.css';

/** The picture over that of the turn before, with a slider between the two; closed at first. */
export function CompareTurns({ record }: { readonly record: RequestRecord }) {
  const turnBefore = useEarlierTurns(record).at(-1);
  const before = turnBefore && toPictures(turnBefore)[toPreviousImage(record)];
  const [after] = toPictures(record);
  if (!before || !after) return null;
  return (
    <details className="compare">
      <summary>Compare with the turn before</summary>
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
        alt="The turn before"
        loading="lazy"
        style={{ clipPath: `inset(0 ${100 - percent}% 0 0)` }}
      />
      <input
        type="range"
        aria-label="How much of the turn before is shown"
        value={percent}
        onChange={(event) => setPercent(event.target.valueAsNumber)}
      />
    </div>
  );
}
