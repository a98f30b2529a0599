import type { ReactNode } from 'react';
import { CopyButton } from './copy-button.tsx';
import './styles/shown-secret.css';

export interface ShownSecretProps {
  readonly secret: string;
  /** What the secret is and what to do with it. */
  readonly children: ReactNode;
  readonly onDone: () => void;
}

/** Shows a secret until the reader is done with it. */
export function ShownSecret({ secret, children, onDone }: ShownSecretProps) {
  return (
    <div className="shown-secret panel" role="status">
      <p>{children}</p>
      <code>{secret}</code>
      <div className="actions">
        <CopyButton text={secret} name="Copy" />
        <button type="button" onClick={onDone}>
          Done
        </button>
      </div>
    </div>
  );
}
