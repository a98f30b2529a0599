import type { ReactNode } from 'react';
import { useMe } from './me.ts';

export interface OperatorsOnlyProps {
  /** What is shown, as the start of a sentence: `Keys are`. */
  readonly what: string;
  readonly children: ReactNode;
}

/** Shows its children to an admin key; another is told in a sentence, and the server is not asked. */
export function OperatorsOnly({ what, children }: OperatorsOnlyProps) {
  const me = useMe();
  if (!me) return null;
  if (me.is_admin) return children;
  return <p className="soft nothing">{what} the operator’s: sign in with an admin key to see them.</p>;
}
