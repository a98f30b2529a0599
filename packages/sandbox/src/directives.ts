import type { Pixels } from '@darkroom/protocol';
import { isPictureMimeType, type PictureMimeType } from './picture.ts';
import { Refusal } from './refusals.ts';
import { type QuotaKind, quotaKinds, type StagedStatus, stagedStatuses } from './staged-refusals.ts';

/**
 * What a prompt tells the sandbox to do, in blocks such as `[[sandbox status=503 times=2]]`. Without blocks it just draws.
 * Blocks combine. If they contradict each other, the later one takes precedence.
 */
export interface Directives {
  /** Waits before anything else. */
  readonly delayMs?: number;
  /** Never answers. */
  readonly hang?: true;
  /** Refuses with the upstream's body for the status. */
  readonly status?: StagedStatus;
  /** Which kind of the upstream's 429s. */
  readonly kind?: QuotaKind;
  /** The time to wait that a quota's 429 names. */
  readonly retryMs?: number;
  /** Ends the candidate with this reason. With any reason but STOP it has no content. */
  readonly finish?: string;
  /** Blocks the prompt for this reason. */
  readonly block?: string;
  /** Answers with text only. */
  readonly noImage?: true;
  /** Treats the signatures of the model's turns as missing. */
  readonly signatures?: 'refuse';
  /** Breaks the connection in the middle of the answer. */
  readonly reset?: true;
  /** Ends the answer half-way, but the connection properly. */
  readonly truncate?: true;
  /** Refuses calls of the flex tier, as if there were no room for them. */
  readonly flex?: 'refuse';
  /** Lets a batch job end without an answer to this call (`expire`), or fail as a whole (`fail`). */
  readonly batch?: 'expire' | 'fail';
  /** The tier that the answer says was used, whatever was requested. */
  readonly tier?: string;
  /** Sends half of the answer, then nothing more. */
  readonly stall?: true;
  /** How many pictures to draw. */
  readonly images?: number;
  /** Sends a thought and a draft before the picture. */
  readonly thoughts?: true;
  /** The actual type of the pictures. */
  readonly mime?: PictureMimeType;
  /** The type that the answer claims. */
  readonly declare?: string;
  /** The length of each picture. */
  readonly bytes?: number;
  /** How many characters each thought signature has. */
  readonly signature?: number;
  /** Draws this size in pixels, whatever was requested. */
  readonly size?: Pixels;
}

/** One `[[sandbox …]]` of a prompt. */
export interface DirectiveBlock {
  readonly directives: Directives;
  /** The block applies only to this many first calls with the same prompt. */
  readonly times?: number;
}

/** Reads the directives of a prompt. Throws a `Refusal` that lists the known directives when a word is unknown. */
export function parseDirectives(text: string): readonly DirectiveBlock[] {
  return [...text.matchAll(block)].map(([, words = '']) => parseBlock(words));
}

/** The text of a prompt without its directives. */
export function stripDirectives(text: string): string {
  const stripped = text.replaceAll(block, ' ');
  return stripped === text ? text : stripped.replaceAll(/\s+/g, ' ').trim();
}

/** The directives that apply to the `call`th call (from 1) with the same prompt. */
export function combineDirectives(blocks: readonly DirectiveBlock[], call: number): Directives {
  const heeded = blocks.filter(({ times }) => times === undefined || call <= times);
  let combined: Directives = {};
  for (const { directives } of heeded) combined = { ...combined, ...directives };
  return combined;
}

// Bounded, and without brackets inside, so that a prompt full of opening brackets is read in one pass.
const block = /\[\[sandbox\b([^[\]]{0,1000})\]\]/gi;

function parseBlock(words: string): DirectiveBlock {
  let read: DirectiveBlock = { directives: {} };
  for (const word of words.split(/\s+/).filter((one) => one !== '')) {
    const [name = '', value] = word.split(/=(.*)/s);
    const directive = Object.hasOwn(known, name) ? known[name] : undefined;
    const said = name === 'times' ? undefined : directive?.read(value);
    const times = name === 'times' ? toCount(value, 1_000_000) : undefined;
    if (!said && times === undefined) throw unknownWord(word);
    read = { ...read, directives: { ...read.directives, ...said }, ...(times !== undefined && { times }) };
  }
  return read;
}

function unknownWord(word: string): Refusal {
  const examples = Object.values(known).map(({ example }) => example);
  return Refusal.invalidArgument(
    `The sandbox does not know the directive ${JSON.stringify(word.slice(0, 60))}. It knows: ${examples.join(', ')}; and times=2, for only the first two calls with the same prompt.`,
  );
}

interface DirectiveWord {
  readonly example: string;
  /** The directive that the word gives; `undefined` when it does not accept this value. */
  read(value: string | undefined): Directives | undefined;
}

const maxDelayMs = 3_600_000;
const maxImages = 10;
const maxPictureBytes = 1_000_000_000;
const maxSignatureCharacters = 64_000_000;
const maxSide = 8192;

const known: Readonly<Record<string, DirectiveWord>> = {
  delay: { example: 'delay=5s', read: (value) => named('delayMs', toMs(value)) },
  hang: { example: 'hang', read: (value) => bare('hang', value) },
  status: {
    example: `status=${stagedStatuses.join('|')}`,
    read: (value) =>
      named(
        'status',
        stagedStatuses.find((status) => String(status) === value),
      ),
  },
  kind: {
    example: `kind=${quotaKinds.join('|')} (of status=429)`,
    read: (value) =>
      named(
        'kind',
        quotaKinds.find((kind) => kind === value),
      ),
  },
  retry: { example: 'retry=7s (of status=429)', read: (value) => named('retryMs', toMs(value)) },
  finish: { example: 'finish=IMAGE_SAFETY', read: (value) => named('finish', toReason(value)) },
  block: { example: 'block=PROHIBITED_CONTENT', read: (value) => named('block', toReason(value)) },
  'no-image': { example: 'no-image', read: (value) => bare('noImage', value) },
  signatures: {
    example: 'signatures=refuse',
    read: (value) => named('signatures', value === 'refuse' ? value : undefined),
  },
  flex: { example: 'flex=refuse', read: (value) => named('flex', value === 'refuse' ? value : undefined) },
  batch: {
    example: 'batch=expire|fail',
    read: (value) =>
      named(
        'batch',
        (['expire', 'fail'] as const).find((fate) => fate === value),
      ),
  },
  tier: {
    example: 'tier=standard|flex|priority',
    read: (value) =>
      named(
        'tier',
        ['standard', 'flex', 'priority'].find((tier) => tier === value),
      ),
  },
  reset: { example: 'reset', read: (value) => bare('reset', value) },
  truncate: { example: 'truncate', read: (value) => bare('truncate', value) },
  stall: { example: 'stall', read: (value) => bare('stall', value) },
  images: { example: 'images=2', read: (value) => named('images', toCount(value, maxImages)) },
  thoughts: { example: 'thoughts', read: (value) => bare('thoughts', value) },
  mime: {
    example: 'mime=image/jpeg|image/png|image/webp',
    read: (value) => named('mime', value !== undefined && isPictureMimeType(value) ? value : undefined),
  },
  declare: { example: 'declare=image/png', read: (value) => named('declare', toMimeType(value)) },
  bytes: { example: 'bytes=18MB', read: (value) => named('bytes', toBytes(value, maxPictureBytes)) },
  signature: { example: 'signature=2MB', read: (value) => named('signature', toBytes(value, maxSignatureCharacters)) },
  size: { example: 'size=512x512', read: (value) => named('size', toPixels(value)) },
};

function named<N extends keyof Directives>(name: N, value: Directives[N] | undefined): Directives | undefined {
  return value === undefined ? undefined : { [name]: value };
}

function bare(name: 'hang' | 'noImage' | 'reset' | 'stall' | 'truncate' | 'thoughts', value: string | undefined) {
  return value === undefined ? named(name, true) : undefined;
}

const msOf: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };
const bytesOf: Readonly<Record<string, number>> = { B: 1, KB: 1000, MB: 1_000_000 };

function toMs(value: string | undefined): number | undefined {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(value ?? '') ?? [];
  return upTo(maxDelayMs, Math.round(Number(digits) * (msOf[unit] ?? 0)));
}

function toBytes(value: string | undefined, max: number): number | undefined {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)(B|KB|MB)$/.exec(value ?? '') ?? [];
  return upTo(max, Math.round(Number(digits) * (bytesOf[unit] ?? 0)));
}

function toCount(value: string | undefined, max: number): number | undefined {
  return /^[1-9]\d*$/.test(value ?? '') ? upTo(max, Number(value)) : undefined;
}

function toPixels(value: string | undefined): Pixels | undefined {
  const [, width, height] = /^([1-9]\d*)x([1-9]\d*)$/.exec(value ?? '') ?? [];
  const pixels = { width: Number(width), height: Number(height) };
  return pixels.width <= maxSide && pixels.height <= maxSide ? pixels : undefined;
}

function toReason(value: string | undefined): string | undefined {
  return /^[A-Z_]{1,60}$/.exec(value ?? '')?.[0];
}

function toMimeType(value: string | undefined): string | undefined {
  return /^[\w.+-]{1,60}\/[\w.+-]{1,60}$/.exec(value ?? '')?.[0];
}

/** Also `undefined` if `value` is NaN. */
function upTo(max: number, value: number): number | undefined {
  return value <= max ? value : undefined;
}
