import type { ReactNode } from 'react';
import { useMeQuery } from './me.ts';
import { ReadState } from './read-state.tsx';

export interface OperatorsOnlyProps {
  /** What is shown, as the start of a sentence: `Keys are`. */
  readonly what: string;
  readonly children: ReactNode;
}

/** Shows its children to an admin key; another is told in a sentence, and the server is not asked. */
export function OperatorsOnly({ what, children }: OperatorsOnlyProps) {
  const query = useMeQuery();
  if (!query.data) return <ReadState of={query} />;
  if (query.data.is_admin) return children;
  return <p className="soft nothing">{what} the operator’s: sign in with an admin key to see them.</p>;
}
