import { type MouseEvent, type PointerEvent, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { Picture } from './record-facts.ts';
import './styles/picture-zoom.css';

export interface PictureZoomProps {
  readonly picture: Picture;
  readonly alt: string;
  readonly onClose: () => void;
}

/**
 * A picture over the whole page. A click, Enter or the button switches between fit and full size. In full size it can be
 * dragged, scrolled or moved with the arrow keys. Escape closes it.
 */
export function PictureZoom({ picture: { url, media }, alt, onClose }: PictureZoomProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const { room, isFull, toggle, panning } = useZoom();
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className="zoom" aria-label="Enlarged picture" onClose={onClose}>
      <div ref={room} className={isFull ? 'zoom-room full' : 'zoom-room'} {...panning}>
        <button type="button" className="zoom-picture" title={isFull ? 'Fit to the window' : 'Show in full size'}>
          <img src={url} alt={alt} width={media?.width} height={media?.height} draggable={false} />
        </button>
      </div>
      <div className="zoom-bar">
        <button type="button" aria-pressed={isFull} onClick={() => toggle()}>
          Full size
        </button>
        <button type="button" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
    </dialog>
  );
}

/** A point of the picture, from 0 to 1. */
interface Point {
  readonly x: number;
  readonly y: number;
}

const middle: Point = { x: 0.5, y: 0.5 };

/** Fit or full size. In full size the clicked point moves to the middle. */
function useZoom() {
  const room = useRef<HTMLDivElement>(null);
  const [point, setPoint] = useState<Point>();
  const toggle = (to = middle) => setPoint((shown) => (shown ? undefined : to));
  useLayoutEffect(() => {
    const { current: view } = room;
    if (!view || !point) return;
    view.scrollTo({
      left: point.x * view.scrollWidth - view.clientWidth / 2,
      top: point.y * view.scrollHeight - view.clientHeight / 2,
      behavior: 'instant',
    });
  }, [point]);
  return { room, isFull: point !== undefined, toggle, panning: usePanning(toggle) };
}

/** A shorter drag is a click. */
const leastDragPixels = 4;

/** Lets the mouse drag the picture. Touch scrolls without help. */
function usePanning(onClick: (point: Point) => void) {
  const drag = useRef({ pointer: -1, hasMoved: false, x: 0, y: 0 });
  return {
    onPointerDown: (event: PointerEvent) => {
      const pointer = event.pointerType === 'mouse' && event.button === 0 ? event.pointerId : -1;
      drag.current = { pointer, hasMoved: false, x: event.clientX, y: event.clientY };
    },
    onPointerMove: (event: PointerEvent) => {
      const { pointer, hasMoved, x, y } = drag.current;
      if (pointer !== event.pointerId || event.buttons === 0) return;
      const isFar = Math.hypot(event.clientX - x, event.clientY - y) >= leastDragPixels;
      if (!hasMoved && !isFar) return;
      event.currentTarget.scrollBy({ left: x - event.clientX, top: y - event.clientY, behavior: 'instant' });
      drag.current = { pointer, hasMoved: true, x: event.clientX, y: event.clientY };
    },
    onClick: (event: MouseEvent) => {
      const wasDrag = drag.current.hasMoved;
      drag.current.hasMoved = false;
      if (wasDrag || !(event.target instanceof HTMLImageElement || event.target instanceof HTMLButtonElement)) return;
      const box = event.target.getBoundingClientRect();
      // A click by keyboard has no position.
      const isPlaced = event.detail > 0 && box.width > 0 && box.height > 0;
      onClick(isPlaced ? { x: (event.clientX - box.x) / box.width, y: (event.clientY - box.y) / box.height } : middle);
    },
  };
}
