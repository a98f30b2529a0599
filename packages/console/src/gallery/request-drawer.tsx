import { type MouseEvent, type SyntheticEvent, useEffect, useRef } from 'react';
import { ReadState } from '../read-state.tsx';
import { toPrompt } from '../record-facts.ts';
import { useRequest } from '../requests.ts';
import { RequestDetails } from './request-details.tsx';
import '../styles/drawer.css';

export interface RequestDrawerProps {
  readonly requestId: string;
  readonly onClose: () => void;
}

/** Everything about one request, at the side of the page. Escape, the button and a click outside close it. */
export function RequestDrawer({ requestId, onClose }: RequestDrawerProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const query = useRequest(requestId);
  const { data: record } = query;
  useEffect(() => dialog.current?.showModal(), []);

  // React also reports to a dialog when a dialog inside it closes.
  const tellClosed = (event: SyntheticEvent) => {
    if (event.target === dialog.current) onClose();
  };
  // The content fills the dialog, so a click on the dialog itself is a click on the backdrop.
  const closeOnBackdrop = (event: MouseEvent) => {
    if (event.target === dialog.current) dialog.current?.close();
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes every dialog
    <dialog
      ref={dialog}
      className="drawer"
      aria-labelledby="drawer-title"
      onClose={tellClosed}
      onClick={closeOnBackdrop}
    >
      <div className="drawer-body">
        <div className="drawer-head">
          <h2 id="drawer-title" className="title">
            {record ? toPrompt(record) : 'Request'}
          </h2>
          <button type="button" onClick={() => dialog.current?.close()}>
            Close
          </button>
        </div>
        <ReadState of={query} />
        {record && <RequestDetails record={record} onDeleted={onClose} />}
      </div>
    </dialog>
  );
}
