import { DarkroomError } from '@darkroom/client';
import type { Reference } from './references.ts';
import { toSentence } from './sentences.ts';

/** The problems of a request, grouped by the part of the form that they are about. */
export interface SubmitProblems {
  readonly edited?: string | undefined;
  readonly prompt?: string | undefined;
  readonly references?: string | undefined;
  /** Problems about none of those. */
  readonly form?: string | undefined;
}

/** Splits the refusal of a submit by the parts of the form. */
export function toSubmitProblems(error: Error | null, references: readonly Reference[]): SubmitProblems {
  if (!error) return {};
  const details = error instanceof DarkroomError ? (error.details ?? []) : [];
  if (!(error instanceof DarkroomError) || details.length === 0) return { form: toSentence(error) };
  const tell = (isAbout: (path: string) => boolean) => {
    const about = details.filter(({ path }) => isAbout(path));
    return about.length === 0 ? undefined : toSentence(new DarkroomError(error.status, { details: about }));
  };
  const image = details.find(({ path }) => path.startsWith('payload.image['));
  return {
    edited: details.some(({ path }) => path.startsWith('payload.previous_'))
      ? 'This picture can no longer be edited: its request is gone or made no picture.'
      : undefined,
    prompt: tell((path) => path === 'payload.prompt'),
    references: image ? nameReference(image, references) : tell((path) => path === 'payload.image'),
    form: tell((path) => !/^payload\.(prompt|image\b(?!_)|previous_)/.test(path)),
  };
}

/** Replaces the number of a reference by its name. */
function nameReference({ path, message }: Detail, references: readonly Reference[]): string {
  const number = Number(/\[(\d+)\]/.exec(path)?.[1]);
  const name = references.filter(({ state }) => state === 'ready')[number]?.name;
  return `${name ?? 'A reference'} ${message}.`;
}

type Detail = NonNullable<DarkroomError['details']>[number];
