import type { ReactNode } from 'react';
import { useMeQuery } from './me.ts';
import { ReadState } from './read-state.tsx';

export interface OperatorsOnlyProps {
  /** The start of a sentence that names the content: `Keys are`. */
  readonly what: string;
  readonly children: ReactNode;
}

/** Shows its children only to an admin key. Other keys see a sentence instead, and the server is not called. */
export function OperatorsOnly({ what, children }: OperatorsOnlyProps) {
  const query = useMeQuery();
  if (!query.data) return <ReadState of={query} />;
  if (query.data.is_admin) return children;
  return <p className="soft nothing">{what} for operators: sign in with an admin key to see them.</p>;
}
