import type { Pixels } from '@darkroom/protocol';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { Refusal } from '../refusals.tsx';
import { useDarkroom } from '../session.tsx';
import { uploadFile } from '../upload-file.ts';
import { type KeptUpload, keepUploads, readUploads } from './kept-uploads.ts';

/** The uploads of this tab, with ways to add more and to delete one. */
export function useUploads() {
  const darkroom = useDarkroom();
  const [uploads, setUploads] = useState(readUploads);
  const [underWay, setUnderWay] = useState(0);
  const [refusals, setRefusals] = useState<readonly Refusal[]>([]);

  const add = async (file: File) => {
    setUnderWay((count) => count + 1);
    const [upload, pixels] = await Promise.all([uploadFile(darkroom, file), measure(file)]);
    setUnderWay((count) => count - 1);
    if (upload.kind === 'refused') {
      const { reason } = upload;
      setRefusals((all) => [...all, { id: (all.at(-1)?.id ?? -1) + 1, name: file.name, reason }]);
      return;
    }
    const { name, type, size: bytes } = file;
    const kept: KeptUpload = { url: upload.url, name, type, bytes, ...(pixels && { pixels }) };
    // Reads the kept list again: several uploads may end at the same time.
    keepUploads([kept, ...readUploads()]);
    setUploads(readUploads());
  };
  return {
    uploads,
    underWay,
    refusals,
    dismiss: (id: number) => setRefusals((all) => all.filter((one) => one.id !== id)),
    remove: useMutation({
      mutationFn: (url: string) => darkroom.deleteUpload(url),
      onSuccess: (_nothing, url) => {
        keepUploads(readUploads().filter((upload) => upload.url !== url));
        setUploads(readUploads());
      },
    }),
    addFiles: (files: readonly File[]) => {
      for (const file of files) void add(file);
    },
  };
}

/** `undefined` when the browser cannot read the picture. */
async function measure(file: File): Promise<Pixels | undefined> {
  try {
    const bitmap = await createImageBitmap(file);
    const { width, height } = bitmap;
    bitmap.close();
    return { width, height };
  } catch {
    return undefined;
  }
}
