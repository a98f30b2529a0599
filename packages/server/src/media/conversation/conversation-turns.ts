import {
  type Conversation,
  type ConversationPart,
  type ConversationTurn,
  parseMediaName,
} from '../../core/conversation.ts';
import type { Failure } from '../../core/failures.ts';
import type { KeptAnswer } from '../../core/image-request.ts';
import type { Signature, Turn, TurnPart, TurnRules } from '../../providers/image-model.ts';
import { resolveMask } from '../masks/resolve-mask.ts';
import { toRemotePicture } from '../references/remote-picture.ts';
import { toFailure } from '../references/to-failure.ts';
import { countBytes, fitTurns } from './fit-turns.ts';
import { type FetchContext, PictureSource, type PictureSourceOptions } from './picture-source.ts';
import type { ResolvedTurns, TurnContext, TurnResolver } from './turn-resolver.ts';

/**
 * The conversations. The upstream keeps nothing: every turn is sent again, and each part of the model's turns must
 * carry the signature that came with it, if any. Callers copy only texts and URLs; this code gives the model's pictures
 * their original bytes and their signatures.
 *
 * Long conversations are cut. The newest turns are taken as long as they fit, one exchange (a user's turn and its
 * answer) at a time. The last exchange and the new turn are always sent; if these alone are too large, the user's
 * pictures are made smaller.
 */
export class ConversationTurns implements TurnResolver {
  readonly #source: PictureSource;

  constructor(options: PictureSourceOptions) {
    this.#source = new PictureSource(options);
  }

  async resolve(conversation: Conversation, context: TurnContext): Promise<ResolvedTurns> {
    if (context.mask === undefined) return this.#resolve(conversation, context);
    const mask = await resolveMask(context.mask, conversation, { ...context, source: this.#source });
    if ('failure' in mask) return { kind: 'failed', failure: mask.failure };
    const { masked, maskType, pixels: maskedPixels, box, fetched } = mask;
    const resolved = await this.#resolve(conversation, { ...context, fetched });
    if (resolved.kind === 'failed') return resolved;
    const turns = addWords(resolved.turns, context.rules.describeBox?.(box));
    return { ...resolved, turns, masked, maskedPixels, maskType };
  }

  async #resolve(conversation: Conversation, context: InnerContext): Promise<ResolvedTurns> {
    const asked = context.isUnsigned ? toUnsigned(conversation) : conversation;
    const starts = toExchangeStarts(asked);
    const taken: Turn[] = [];
    let room: Pick<TurnRules, 'maxBytes' | 'maxPictures'> = context.rules;
    let end = asked.length;
    for (const start of starts) {
      const exchange = asked.slice(start, end);
      const isNeeded = start >= (starts[1] ?? 0);
      if (!isNeeded && countPictures(exchange) > room.maxPictures) break;
      const resolved = await this.#resolveTurns(exchange, { context, firstIndex: start });
      if ('failure' in resolved) return { kind: 'failed', failure: resolved.failure };
      const bytes = countBytes(resolved.turns);
      if (!isNeeded && bytes > room.maxBytes) break;
      taken.unshift(...resolved.turns);
      room = { maxBytes: room.maxBytes - bytes, maxPictures: room.maxPictures - countPictures(exchange) };
      end = start;
    }
    const leftOutTurns = Array.from({ length: end }, (_, index) => index);
    const fitted = await fitTurns(taken, { maxBytes: context.rules.maxBytes, folder: context.folder });
    return { kind: 'turns', ...fitted, ...(end > 0 && { leftOutTurns }) };
  }

  async #resolveTurns(turns: Conversation, where: Where): Promise<Resolved> {
    const resolved = await Promise.all(
      turns.map((turn, index) => this.#resolveTurn(turn, { ...where, firstIndex: where.firstIndex + index })),
    );
    const failed = resolved.find((one) => 'failure' in one);
    if (failed) return failed;
    return { turns: resolved.flatMap((one) => ('turns' in one ? one.turns : [])) };
  }

  async #resolveTurn({ role, parts }: ConversationTurn, { context, firstIndex }: Where): Promise<Resolved> {
    const own = role === 'model' ? await this.#findAnswer(parts, context.organizationId) : undefined;
    const resolved = await Promise.all(
      parts.map((part, index) => {
        if (part.kind === 'text') return this.#resolveText(part, { role, index, own, context });
        const number = countPictures([{ role, parts: parts.slice(0, index + 1) }]);
        return this.#resolvePicture(part, { role, context, place: `${number} of turn ${firstIndex + 1}` });
      }),
    );
    const failed = resolved.find((one) => 'failure' in one);
    if (failed) return failed;
    return { turns: [{ role, parts: resolved.flatMap((one) => ('part' in one ? [one.part] : [])) }] };
  }

  /** The stored answer that a model's turn repeats, if it is one of ours. */
  async #findAnswer(parts: readonly ConversationPart[], organizationId: string): Promise<KeptAnswer | undefined> {
    for (const part of parts) {
      const own = part.kind === 'picture' ? await this.#source.findOwn(part.uri, organizationId) : undefined;
      if (own) return own.answer;
    }
    return undefined;
  }

  /**
   * A text of one of our answers has its signature, and others that with which the caller sent them. A text without any gets the
   * replacement signature, but only as the first part of its turn: the upstream asks for none elsewhere.
   */
  async #resolveText(
    { text, signatureKey }: Extract<ConversationPart, { kind: 'text' }>,
    { role, index, own, context }: TextPlace,
  ): Promise<ResolvedPart> {
    if (role === 'user') return { part: { kind: 'text', text } };
    const kept = isForeign(own?.provider, context)
      ? undefined
      : own?.parts.find((part) => part.kind === 'text' && part.text === text);
    const sent = isForeign(context.ownProvider, context) ? undefined : signatureKey;
    const key = kept?.kind === 'text' ? kept.signatureKey : sent;
    const mustBeSigned = kept === undefined && index === 0;
    if (key === undefined && !mustBeSigned) return { part: { kind: 'text', text } };
    return { part: { kind: 'text', text, ...(await this.#toSignature(key, context)) } };
  }

  async #resolvePicture(
    part: Extract<ConversationPart, { kind: 'picture' }>,
    {
      role,
      context,
      place,
    }: { readonly role: 'user' | 'model'; readonly context: InnerContext; readonly place: string },
  ): Promise<ResolvedPart> {
    const remote = role === 'user' && !this.#isHere(part.uri, context) && toRemotePicture(part, context.rules);
    if (remote) {
      return remote.kind === 'remote' ? { part: remote } : { failure: toFailure(`Picture ${place}`, part.uri, remote) };
    }
    const own = role === 'model' ? await this.#source.findOwn(part.uri, context.organizationId) : undefined;
    const fetched = await (own ? this.#source.fetchOriginal(own, context) : this.#source.fetch(part.uri, context));
    if (fetched.kind === 'failed') return { failure: toFailure(`Picture ${place}`, part.uri, fetched) };
    const { file, mimeType } = fetched;
    const picture: TurnPart = { kind: 'picture', file, mimeType };
    if (role === 'user') return { part: picture };
    const [signer, key] = own
      ? [own.answer.provider, own.picture.signatureKey]
      : [context.ownProvider, part.signatureKey];
    return {
      part: { ...picture, ...(await this.#toSignature(isForeign(signer, context) ? undefined : key, context)) },
    };
  }

  /** Is it a picture of this service, or fetched already? */
  #isHere(uri: string, { fetched }: InnerContext): boolean {
    return parseMediaName(uri) !== undefined || fetched?.has(uri) === true;
  }

  async #toSignature(key: string | undefined, { folder, rules }: FetchContext): Promise<{ signature?: Signature }> {
    const file = key === undefined ? undefined : await this.#source.spoolSignature(key, folder);
    if (file) return { signature: { kind: 'file', file } };
    const value = rules.standInSignature;
    return value === undefined ? {} : { signature: { kind: 'stand-in', value } };
  }
}

/** Is a signature of another provider than the one that is called? It would mean nothing there. */
function isForeign(signer: string | undefined, { provider }: Pick<TurnContext, 'provider'>): boolean {
  return signer !== undefined && signer !== provider;
}

/** In addition, what was fetched already. */
type InnerContext = TurnContext & Pick<FetchContext, 'fetched'>;

interface Where {
  readonly context: InnerContext;
  /** The index of the turn in the conversation, from 0. */
  readonly firstIndex: number;
}

interface TextPlace {
  readonly role: 'user' | 'model';
  readonly index: number;
  readonly own: KeptAnswer | undefined;
  readonly context: InnerContext;
}

type Resolved = { readonly turns: readonly Turn[] } | { readonly failure: Failure };
type ResolvedPart = { readonly part: TurnPart } | { readonly failure: Failure };

/** The index at which each piece begins that is kept or left out as a whole, newest first: the new turn, then the exchanges. */
function toExchangeStarts(conversation: Conversation): readonly number[] {
  const last = conversation.length - 1;
  const starts = conversation.flatMap(({ role }, index) => {
    const isAfterModel = index === 0 || conversation[index - 1]?.role === 'model';
    return index < last && role === 'user' && isAfterModel ? [index] : [];
  });
  // In a conversation that begins with the model's turn, the first piece begins there.
  const first = last > 0 && starts[0] !== 0 ? [0] : [];
  return [...first, ...starts, last].reverse();
}

/** One turn of the user: the latest prompt, with the pictures of the last answer before its own. */
function toUnsigned(conversation: Conversation): Conversation {
  const isPicture = (part: ConversationPart) => part.kind === 'picture';
  const lastAnswer = conversation.findLast(({ role }) => role === 'model')?.parts.filter(isPicture) ?? [];
  return [{ role: 'user', parts: [...(conversation.at(-1)?.parts ?? []), ...lastAnswer] }];
}

/** The same turns, with a text at the end of the last. */
function addWords(turns: readonly Turn[], text: string | undefined): readonly Turn[] {
  const last = turns.at(-1);
  return last && text !== undefined
    ? [...turns.slice(0, -1), { ...last, parts: [...last.parts, { kind: 'text', text }] }]
    : turns;
}

function countPictures(turns: Conversation): number {
  return turns.flatMap(({ parts }) => parts).filter(({ kind }) => kind === 'picture').length;
}
