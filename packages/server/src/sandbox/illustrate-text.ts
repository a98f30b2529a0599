import { illustrate } from './illustrator/illustrate.ts';
import type { Illustrate } from './picture.ts';

/** The sandbox's own illustrator, to which a conversation is one text: the edits follow the prompt, a line each. */
export const illustrateText: Illustrate = ({ prompt, edits, references: _notLookedAt, ...output }) =>
  illustrate({ ...output, prompt: [prompt, ...edits].join('\n') });
