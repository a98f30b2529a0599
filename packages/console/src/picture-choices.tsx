import { type AskedFormat, askedFormats, type Pixels, type TierChoice } from '@darkroom/protocol';
import { Choice } from './choice.tsx';
import { formatPixels } from './formats.ts';
import type { Offer } from './model-choices.ts';
import { RatioShape } from './ratio-shape.tsx';

/** What is chosen in the form besides the model and its prompt and references. */
export interface Choices {
  readonly size: string;
  readonly ratio: string;
  readonly format: AskedFormat;
  readonly count: number;
  readonly tier: TierChoice;
  /** May another model that the operator has named make the pictures? */
  readonly allowsStandIn: boolean;
}

export const firstChoices: Choices = {
  size: '1K',
  ratio: '1:1',
  format: 'png',
  count: 1,
  tier: 'standard',
  allowsStandIn: true,
};

export interface PictureChoicesProps {
  readonly choices: Choices;
  readonly offer: Offer;
  readonly onChange: (changed: Partial<Choices>) => void;
}

export interface RatioChoiceProps extends PictureChoicesProps {
  /** Of the picture as it is chosen, where the model promises them. */
  readonly pixels: Pixels | undefined;
}

export function RatioChoice({ choices: { ratio }, offer, pixels, onChange }: RatioChoiceProps) {
  return (
    <Choice
      legend="Shape"
      {...(pixels && { note: `${formatPixels(pixels)} pixels` })}
      className="ratios"
      options={offer.ratios}
      value={ratio}
      onChange={(chosen) => onChange({ ratio: chosen })}
    >
      {(option) => (
        <>
          <RatioShape ratio={option} />
          {option}
        </>
      )}
    </Choice>
  );
}

export function SizeFormatCount({ choices: { size, format, count }, offer, onChange }: PictureChoicesProps) {
  return (
    <>
      <Choice legend="Size" options={offer.sizes} value={size} onChange={(chosen) => onChange({ size: chosen })}>
        {(option) => option}
      </Choice>
      <Choice legend="Format" options={askedFormats} value={format} onChange={(chosen) => onChange({ format: chosen })}>
        {(option) => formatNames[option]}
      </Choice>
      <Choice legend="Pictures" options={offer.counts} value={count} onChange={(chosen) => onChange({ count: chosen })}>
        {(option) => option}
      </Choice>
    </>
  );
}

const formatNames: Record<AskedFormat, string> = { png: 'PNG', jpeg: 'JPEG', webp: 'WebP', original: 'Original' };
