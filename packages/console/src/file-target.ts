import { type ClipboardEvent, type DragEvent, useState } from 'react';

/** Makes an element take files that are dropped on it or pasted into it. */
export function useFileTarget(onFiles: (files: readonly File[]) => void) {
  const [isTarget, setTarget] = useState(false);
  return {
    isTarget,
    handlers: {
      onDragOver: (event: DragEvent) => {
        if (!event.dataTransfer.types.includes('Files')) return;
        event.preventDefault();
        setTarget(true);
      },
      onDragLeave: () => setTarget(false),
      onDrop: (event: DragEvent) => {
        setTarget(false);
        if (event.dataTransfer.files.length === 0) return;
        event.preventDefault();
        onFiles([...event.dataTransfer.files]);
      },
      onPaste: (event: ClipboardEvent) => {
        // A text that was copied with a picture beside it, as from a text processor, is meant as a text.
        const { files, types } = event.clipboardData;
        if (files.length === 0 || types.includes('text/plain')) return;
        event.preventDefault();
        onFiles([...files]);
      },
    },
  };
}
