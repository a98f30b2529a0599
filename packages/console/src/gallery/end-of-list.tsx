import { useEffect, useRef } from 'react';

export interface EndOfListProps {
  readonly hasMore: boolean;
  readonly isReading: boolean;
  readonly onMore: () => void;
}

/** Loads more when the end of the list comes near. The button is for readers who do not scroll. */
export function EndOfList({ hasMore, isReading, onMore }: EndOfListProps) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const element = button.current;
    if (!element || !hasMore || isReading) return;
    // Several changes may be reported at once.
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
      {isReading ? 'Loading…' : 'Show more'}
    </button>
  );
}
