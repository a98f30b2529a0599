import type { ReactNode } from 'react';

export interface ScrollRoomProps {
  readonly name: string;
  readonly children: ReactNode;
}

/** Content that may be larger than its space. It scrolls, also by keyboard. */
export function ScrollRoom({ name, children }: ScrollRoomProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
    <section className="scroll-room" tabIndex={0} aria-label={name}>
      {children}
    </section>
  );
}
