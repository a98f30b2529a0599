import { readApiKey } from './api-key.ts';
import { defaultModel } from './default-model.ts';
import { type Choices, firstChoices } from './picture-choices.tsx';
import type { Reference } from './references.ts';
import type { Refusal } from './refusals.tsx';

/** The request as it is being written. */
export interface Draft {
  readonly prompt: string;
  /** Whether a request was sent with the current prompt. */
  readonly isPromptSent: boolean;
  readonly model: string;
  readonly choices: Choices;
  readonly references: readonly Reference[];
  readonly refusals: readonly Refusal[];
  /** `undefined`: the request begins a conversation. */
  readonly editing?: Editing | undefined;
}

/** The picture that the request changes. */
export interface Editing {
  readonly requestId: string;
  /** Which of the pictures of that request, from 0. */
  readonly image: number;
  /** The change that was sent last. Once its picture is made, that picture is edited. */
  readonly nextId?: string;
}

const storageKey = 'darkroom.draft';

const firstDraft: Draft = {
  prompt: '',
  isPromptSent: false,
  model: defaultModel,
  choices: firstChoices,
  references: [],
  refusals: [],
};

/** Without `id`, which the store assigns. */
type New<T> = T extends unknown ? Omit<T, 'id'> : never;

/**
 * Keeps the draft while other pages are shown. The tab's storage keeps it across a reload. Uploads continue while another
 * page is shown. A reload ends them, and the draft says so.
 */
export class DraftStore {
  readonly #apiKey: string;
  #draft = readKept();
  readonly #listeners = new Set<() => void>();

  constructor(apiKey: string) {
    this.#apiKey = apiKey;
  }

  readonly read = (): Draft => this.#draft;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  change(changed: Partial<Draft>): void {
    this.#draft = { ...this.#draft, ...changed };
    // An upload may end after the reader has signed out.
    if (readApiKey() === this.#apiKey) keep(this.#draft);
    for (const listener of this.#listeners) listener();
  }

  changeReferences(toChanged: (references: readonly Reference[]) => readonly Reference[]): void {
    this.change({ references: toChanged(this.#draft.references) });
  }

  /** Returns its id. */
  addReference(reference: New<Reference>): number {
    const id = nextId(this.#draft);
    this.changeReferences((all) => [...all, { ...reference, id }]);
    return id;
  }

  refuse(refusal: New<Refusal>): void {
    this.change({ refusals: [...this.#draft.refusals, { ...refusal, id: nextId(this.#draft) }] });
  }
}

/** The next person who signs in starts with an empty form. */
export function forgetDraft(): void {
  sessionStorage.removeItem(storageKey);
}

function nextId({ references, refusals }: Draft): number {
  return Math.max(-1, ...[...references, ...refusals].map(({ id }) => id)) + 1;
}

function keep(draft: Draft): void {
  const { references, refusals } = draft;
  const lost = references.flatMap((reference) => {
    const { id, name } = reference;
    const reason = describeLoss(reference);
    return reason === undefined ? [] : [{ id, name, reason }];
  });
  const isLost = new Set(lost.map(({ id }) => id));
  const kept: Draft = {
    ...draft,
    references: references.filter(({ id }) => !isLost.has(id)),
    refusals: [...refusals, ...lost],
  };
  try {
    sessionStorage.setItem(storageKey, JSON.stringify(kept));
  } catch {
    // The storage has no room for megabytes. Keeping an older draft would be wrong.
    forgetDraft();
  }
}

/** The message about a reference that was lost in a reload. */
function describeLoss(reference: Reference): string | undefined {
  if (reference.state === 'uploading')
    return 'The page was closed before the upload was complete. Choose the file again.';
  if (reference.url.startsWith('data:')) return 'It is too large to keep when the page is closed. Add it again.';
  return undefined;
}

function readKept(): Draft {
  const text = sessionStorage.getItem(storageKey);
  if (text === null) return firstDraft;
  const kept = JSON.parse(text) as Partial<Draft>; // `keep` wrote it
  // A console of an earlier version may have kept it.
  return { ...firstDraft, ...kept, choices: { ...firstChoices, ...kept.choices } };
}
