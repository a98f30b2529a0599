import { type ImageOutputFormat, imageOutputFormats, type Pixels } from '@darkroom/protocol';
import { Choice } from './choice.tsx';
import { formatPixels } from './formats.ts';
import type { Offer } from './model-choices.ts';
import { RatioShape } from './ratio-shape.tsx';

/** The format, size, ratio and number of the requested pictures. */
export interface Choices {
  readonly size: string;
  readonly ratio: string;
  readonly format: ImageOutputFormat;
  readonly count: number;
}

export const firstChoices: Choices = { size: '1K', ratio: '1:1', format: 'png', count: 1 };

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
      <Choice
        legend="Format"
        options={imageOutputFormats}
        value={format}
        onChange={(chosen) => onChange({ format: chosen })}
      >
        {(option) => formatNames[option]}
      </Choice>
      <Choice legend="Pictures" options={offer.counts} value={count} onChange={(chosen) => onChange({ count: chosen })}>
        {(option) => option}
      </Choice>
    </>
  );
}

const formatNames: Record<ImageOutputFormat, string> = { png: 'PNG', jpeg: 'JPEG', webp: 'WebP' };
