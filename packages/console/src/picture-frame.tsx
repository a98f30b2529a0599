import { CopyButton } from './copy-button.tsx';
import { formatBytes, formatPixels } from './formats.ts';
import type { Picture } from './record-facts.ts';

export interface PictureFrameProps {
  readonly picture: Picture;
  readonly alt: string;
}

export function PictureFrame({ picture: { url, media }, alt }: PictureFrameProps) {
  return (
    <figure className="picture">
      <a className="enlarge" href={url} target="_blank" rel="noreferrer" title="Open in full size">
        <img src={url} alt={alt} width={media?.width} height={media?.height} />
      </a>
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
        </div>
        {media?.note !== undefined && <p className="soft">{media.note}</p>}
      </figcaption>
    </figure>
  );
}
