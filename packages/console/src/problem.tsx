import { type ReactNode, useEffect, useRef } from 'react';

export interface ProblemProps {
  readonly id?: string;
  /** Empty while nothing is wrong. */
  readonly children: ReactNode;
}

/** Says what is wrong, next to where it is wrong. It scrolls into view when it appears. */
export function Problem({ id, children }: ProblemProps) {
  const element = useRef<HTMLParagraphElement>(null);
  const isSaid = children !== undefined && children !== null && children !== false && children !== '';
  useEffect(() => {
    if (isSaid) element.current?.scrollIntoView({ block: 'nearest' });
  }, [isSaid]);
  return (
    <p ref={element} id={id} className="problem" role="alert">
      {children}
    </p>
  );
}
