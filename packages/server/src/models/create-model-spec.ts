import {
  createPayloadSchema,
  fromCopiedReference,
  maxTurns,
  type PayloadSchema,
  readPayload,
  type ServiceTier,
} from '@darkroom/protocol';
import { toConversation, toNewestTurns } from '../core/conversation.ts';
import { findBrokenNames, type Names } from '../core/names.ts';
import type { Order, OrderParameters } from '../core/order.ts';
import type { Usage } from '../core/usage.ts';
import type { ModelLimits, ModelSpec, ParsedPayload } from './model-spec.ts';
import { readOptionalParameters, toOptionalParameters } from './optional-parameters.ts';
import { toPicturePrice } from './picture-price.ts';
import { readShape, toFittingShape, toShape } from './picture-shape.ts';
import { type Prices, toReferencePrice, toTierFactor } from './prices.ts';

/** A model as data: everything that differs between models whose payload has the same form. */
export interface ModelEntry
  extends Pick<
    ModelSpec,
    | 'id'
    | 'provider'
    | 'upstreamId'
    | 'displayName'
    | 'briefDescription'
    | 'detailedDescription'
    | 'tags'
    | 'pricingDetails'
    | 'prices'
    | 'retirement'
    | 'isHidden'
    | 'limits'
    | 'fallback'
    | 'shapes'
    | 'takesMask'
    | 'tierRefusals'
  > {
  readonly timeouts: Timeouts;
  /** Other names that callers may use. */
  readonly aliases?: readonly string[];
}

/** What a model that an operator adds has where its entry says nothing. Its prices are always its entry's. */
export type ModelTemplate = Pick<ModelEntry, 'tags' | 'limits' | 'shapes' | 'timeouts'>;

/** In milliseconds. */
export interface Timeouts {
  readonly usualMs: number;
  readonly longMs: number;
  /** Sizes that take long. */
  readonly longSizes: readonly string[];
  /** An order with more pictures than this in its conversation takes long. */
  readonly fewPictures: number;
  /** How much longer a call of the flex tier may take until its first byte; if left out, no longer. */
  readonly flexMs?: number;
  /** The same of the batch tier, until its job has ended. */
  readonly batchMs?: number;
}

/** The spec of an entry. `contract`: what the queue's wire allows. */
export function createModelSpec(
  { timeouts, aliases: _, ...entry }: ModelEntry,
  contract: Partial<ContractLimits> = {},
): ModelSpec {
  const schemas = {
    contract: toLazy(() => createPayloadSchema(toContractLimits(entry.limits, { ...usualContract, ...contract }))),
    model: toLazy(() => createPayloadSchema(entry.limits)),
  };
  return {
    ...entry,
    get payloadSchema() {
      return schemas.contract();
    },
    parse: (given, limits) => parsePayload(schemas[limits](), given),
    toOrder: (payload, history) => ({
      format: payload.image_output_format,
      ...(payload.image_output_compression !== undefined && { quality: payload.image_output_compression }),
      images: payload.number_of_images,
      conversation: toNewestTurns([...history, ...toConversation(payload)], maxTurns),
      ...(payload.mask !== undefined && { mask: fromCopiedReference(payload.mask) }),
      parameters: { ...toShape(payload), ...toDefaults(entry.limits), ...toOptionalParameters(payload) },
    }),
    price: (order, tier = 'standard') => estimateCost(entry.prices, order, tier),
    cost: (usage, { searches = 0, tier = 'standard' } = {}) => toCost(entry.prices, usage, { searches, tier }),
    pixels: ({ parameters }) => {
      const { imageSize, aspectRatio } = readShape(parameters);
      return entry.shapes[imageSize]?.[aspectRatio];
    },
    fit: ({ parameters }, pixels) => ({
      ...parameters,
      ...toFittingShape(entry.shapes, readShape(parameters), pixels),
    }),
    timeoutMs: (order, tier) => toTimeoutMs(timeouts, order) + toPatienceMs(timeouts, tier),
  };
}

/** Made when first needed: the schemas of all models take a fifth of the time in which a server is composed. */
function toLazy<T>(create: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= create();
    return made;
  };
}

/** Without a default that is sent, the upstream would choose, and nobody could say the price beforehand. */
function toDefaults({ qualities = [] }: ModelLimits): OrderParameters {
  const [quality] = qualities;
  return quality === undefined ? {} : { quality };
}

type ContractLimits = Pick<ModelLimits, 'maxPromptCharacters' | 'maxImages'>;

/** The contract of the queue's wire allows no more than this, whatever the model could do, unless the operator allows more. */
const usualContract: ContractLimits = { maxPromptCharacters: 2_000, maxImages: 4 };

function toContractLimits(limits: ModelLimits, contract: ContractLimits): ModelLimits {
  return {
    ...limits,
    maxPromptCharacters: Math.min(limits.maxPromptCharacters, contract.maxPromptCharacters),
    maxImages: Math.min(limits.maxImages, contract.maxImages),
  };
}

function parsePayload(schema: PayloadSchema, given: unknown): ParsedPayload {
  const result = schema.safeParse(readPayload(schema, given));
  const issues = result.success ? findBrokenNames(result.data, payloadNames) : result.error.issues;
  if (result.success && issues.length === 0) return { kind: 'parsed', payload: result.data };
  return { kind: 'refused', issues: issues.map(({ path, message }) => ({ path, message })) };
}

/** All other strings of a payload are texts, or keys that are not read. */
const payloadNames: Names = {
  keys: ['image', 'mask', 'previous_request_id', 'contents'],
  inner: new Set(['fileUri', 'file_uri', 'mimeType', 'mime_type']),
};

/** The pictures, and everything that the model is shown for each of them. */
function estimateCost(prices: Prices, { images, conversation, parameters }: Order, tier: ServiceTier): number {
  const parts = conversation.flatMap((turn) => turn.parts);
  const said = readOptionalParameters(parameters);
  const { system_instruction: instruction = '' } = said;
  const { search } = prices;
  const input = parts
    .map((part) => (part.kind === 'text' ? toTokens(part.text) * prices.promptToken : toReferencePrice(prices)))
    .reduce((sum, price) => sum + price, toTokens(instruction) * prices.promptToken);
  const tokenPrice = (toPicturePrice(prices, parameters) + input) * toTierFactor(prices, tier);
  // A model that may search is expected to search once for each picture.
  return Math.ceil(images * (tokenPrice + (search && said[search.parameter] ? search.micros : 0)));
}

/** About four characters of English make a token; good enough for a price that the pictures dominate. */
function toTokens(text: string): number {
  return Math.ceil(text.length / 4);
}

/** Only tokens have another price in another tier: a search costs the same in all of them. */
function toCost(
  prices: Prices,
  usage: Usage,
  { searches, tier }: { readonly searches: number; readonly tier: ServiceTier },
): number {
  const { promptToken, promptImageToken = promptToken, textToken, imageToken } = prices;
  const { promptImageTokens = 0 } = usage;
  const prompt = (usage.promptTokens - promptImageTokens) * promptToken + promptImageTokens * promptImageToken;
  // Thoughts are charged as text.
  const text = (usage.textTokens + usage.thoughtTokens) * textToken;
  const tokens = prompt + text + usage.imageTokens * imageToken;
  return Math.ceil(tokens * toTierFactor(prices, tier) + searches * (prices.search?.micros ?? 0));
}

function toPatienceMs({ flexMs = 0, batchMs = 0 }: Timeouts, tier: ServiceTier | undefined): number {
  if (tier === 'batch') return batchMs;
  return tier === 'flex' ? flexMs : 0;
}

function toTimeoutMs(
  { usualMs, longMs, longSizes, fewPictures }: Timeouts,
  { conversation, parameters }: Order,
): number {
  const pictures = conversation.flatMap((turn) => turn.parts).filter((part) => part.kind === 'picture').length;
  return longSizes.includes(readShape(parameters).imageSize) || pictures > fewPictures ? longMs : usualMs;
}
