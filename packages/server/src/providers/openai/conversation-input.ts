import type { PictureFile, Turn, TurnPart } from '../image-model.ts';

/** What a call without conversations is given of one. */
export interface ConversationInput {
  readonly prompt: string;
  /** In the order in which the model numbers them; a mask belongs to the first. */
  readonly pictures: readonly PictureFile[];
}

/** OpenAI's limit, also for what engines are sent. */
export const maxPictures = 16;

/**
 * A conversation for a model that keeps none: the newest prompt, and the pictures that it may mean. With earlier turns these are the
 * last answer, which is to be changed, then the pictures of the newest turn, then those of the user's earlier turns, newest first.
 * Answers before the last one are left out, because it has taken their place; so are all earlier words.
 */
export function toConversationInput(turns: readonly Turn[]): ConversationInput {
  const users = turns.filter(({ role }) => role === 'user').toReversed();
  const [newest, ...earlier] = users;
  const lastAnswer = turns.findLast((turn) => turn.role === 'model' && toPictures(turn).length > 0);
  const pictures = [lastAnswer, newest, ...earlier].flatMap((turn) => (turn ? toPictures(turn) : []));
  const paths = pictures.map(({ file }) => file.path);
  return {
    prompt: users.map(toText).find((text) => text !== '') ?? '',
    pictures: pictures.filter(({ file }, index) => paths.indexOf(file.path) === index).slice(0, maxPictures),
  };
}

function toPictures({ parts }: Turn): readonly Extract<TurnPart, { readonly kind: 'picture' }>[] {
  return parts.filter((part) => part.kind === 'picture');
}

function toText({ parts }: Turn): string {
  return parts
    .flatMap((part) => (part.kind === 'text' ? part.text : []))
    .join('\n')
    .trim();
}
