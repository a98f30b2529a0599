import { type ReactNode, useId, useRef } from 'react';
import './styles/dialog.css';

export interface ConfirmButtonProps {
  /** The text of the button, and of the button in the dialog that confirms. */
  readonly name: string;
  /** Added to the accessible name, to tell one of many buttons from the others. */
  readonly of?: string;
  readonly question: string;
  /** What the action does. */
  readonly children: ReactNode;
  readonly isBusy: boolean;
  readonly onConfirm: () => void;
}

/** A button for an action that cannot be undone. It asks for confirmation first. */
export function ConfirmButton({ name, of, question, children, isBusy, onConfirm }: ConfirmButtonProps) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const confirm = () => {
    dialog.current?.close();
    onConfirm();
  };
  return (
    <>
      <button
        type="button"
        {...(of !== undefined && { 'aria-label': `${name} ${of}` })}
        aria-disabled={isBusy}
        onClick={() => !isBusy && dialog.current?.showModal()}
      >
        {name}
      </button>
      <dialog ref={dialog} className="ask" aria-labelledby={`${id}-question`} aria-describedby={`${id}-what`}>
        <h2 id={`${id}-question`} className="title">
          {question}
        </h2>
        <p id={`${id}-what`}>{children}</p>
        <div className="actions">
          <button type="button" onClick={() => dialog.current?.close()}>
            Not now
          </button>
          <button type="button" className="primary" onClick={confirm}>
            {name}
          </button>
        </div>
      </dialog>
    </>
  );
}
