import { type ReactNode, useState } from 'react';
import { CopyButton } from './copy-button.tsx';
import { formatBytes, formatPixels } from './formats.ts';
import { PictureZoom } from './picture-zoom.tsx';
import type { Picture } from './record-facts.ts';

export interface PictureFrameProps {
  readonly picture: Picture;
  readonly alt: string;
  /** Further actions. */
  readonly children?: ReactNode;
}

export function PictureFrame({ picture, alt, children }: PictureFrameProps) {
  const { url, media } = picture;
  const [isZoomed, setZoomed] = useState(false);
  return (
    <figure className="picture">
      <button type="button" className="enlarge" title="Look closer" onClick={() => setZoomed(true)}>
        <img src={url} alt={alt} width={media?.width} height={media?.height} />
      </button>
      {isZoomed && <PictureZoom picture={picture} alt={alt} onClose={() => setZoomed(false)} />}
      <figcaption>
        {media && (
          <p className="facts">
            <span>{formatPixels(media)}</span>
            <span>{formatBytes(media.bytes)}</span>
          </p>
        )}
        <div className="actions">
          {/* The target is for pictures on another host, which browsers open instead of saving. */}
          <a className="button" href={url} download target="_blank" rel="noreferrer">
            Download
          </a>
          <CopyButton text={url} name="Copy URL" />
          {children}
        </div>
        {media?.note !== undefined && <p className="soft">{media.note}</p>}
      </figcaption>
    </figure>
  );
}
