import {
  type AspectRatio,
  aspectRatios,
  type ImageOutputFormat,
  type ImageSize,
  imageOutputFormats,
  imageSizes,
  toPixels,
} from '@darkroom/protocol';
import { Choice } from './choice.tsx';
import { formatPixels } from './formats.ts';
import { RatioShape } from './ratio-shape.tsx';

const counts = [1, 2, 3, 4] as const;

/** The format, size, ratio and number of the requested pictures. */
export interface Choices {
  readonly size: ImageSize;
  readonly ratio: AspectRatio;
  readonly format: ImageOutputFormat;
  readonly count: (typeof counts)[number];
}

export const firstChoices: Choices = { size: '1K', ratio: '1:1', format: 'png', count: 1 };

export interface PictureChoicesProps {
  readonly choices: Choices;
  readonly onChange: (changed: Partial<Choices>) => void;
}

export function RatioChoice({ choices: { size, ratio }, onChange }: PictureChoicesProps) {
  return (
    <Choice
      legend="Shape"
      note={`${formatPixels(toPixels(size, ratio))} pixels`}
      className="ratios"
      options={aspectRatios}
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

export function SizeFormatCount({ choices: { size, format, count }, onChange }: PictureChoicesProps) {
  return (
    <>
      <Choice legend="Size" options={imageSizes} value={size} onChange={(chosen) => onChange({ size: chosen })}>
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
      <Choice legend="Pictures" options={counts} value={count} onChange={(chosen) => onChange({ count: chosen })}>
        {(option) => option}
      </Choice>
    </>
  );
}

const formatNames: Record<ImageOutputFormat, string> = { png: 'PNG', jpeg: 'JPEG' };
