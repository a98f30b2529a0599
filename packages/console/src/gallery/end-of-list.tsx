import { useEffect, useRef } from 'react';

export interface EndOfListProps {
  readonly hasMore: boolean;
  readonly isReading: boolean;
  readonly onMore: () => void;
}

/** Reads on as soon as the end of the list comes near; a button for who does not scroll. */
export function EndOfList({ hasMore, isReading, onMore }: EndOfListProps) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const element = button.current;
    if (!element || !hasMore || isReading) return;
    // Several moves may be told at once.
    const look = (entries: readonly IntersectionObserverEntry[]) => entries.at(-1)?.isIntersecting && onMore();
    const observer = new IntersectionObserver(look, { rootMargin: '1600px' });
    observer.observe(element);
    return () => observer.disconnect();
  }, [hasMore, isReading, onMore]);
  if (!hasMore) return null;
  return (
    <button
      type="button"
      ref={button}
      className="more"
      aria-disabled={isReading}
      onClick={() => !isReading && onMore()}
    >
      {isReading ? 'Reading…' : 'Show more'}
    </button>
  );
}
