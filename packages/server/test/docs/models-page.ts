import { automaticRatio } from '@darkroom/protocol';
import { providers } from '../../src/compose/providers.ts';
import type { ModelEntry } from '../../src/models/create-model-spec.ts';
import { toImagePrice, toReferencePrice } from '../../src/models/prices.ts';
import type { Provider } from '../../src/providers/provider.ts';
import { toPage, toTable } from './markdown.ts';

const intro = `<!-- Made by npm run docs from the entries of packages/server/src/providers/. -->

This page lists the models that Darkroom knows: what each one can do, what it costs, and until when its provider serves it. Callers see only
models of providers that have an upstream. [How to add a model](how-to/add-a-model.md) says how an operator changes this list.

Prices are dollars for one picture, without its prompt. Ids are case-sensitive. The first size and the first ratio are the defaults; with
\`${automaticRatio}\` the model decides.`;

/** docs/models.md. */
export function toModelsPage(): string {
  return toPage('# Models', intro, ...providers.filter(({ models }) => models.length > 0).flatMap(toProviderPart));
}

function toProviderPart({ name, models, retiredModels = {} }: Provider): readonly string[] {
  const retired = Object.entries(retiredModels);
  return [
    `## Models of the provider \`${name}\``,
    ...models.flatMap(toModelPart),
    ...(retired.length === 0 ? [] : ['### Ids that are refused', retiredIntro, toRetiredTable(retired)]),
  ];
}

const retiredIntro =
  'The provider has ended these models. A call for one of them is refused, and the refusal says what to call instead.';

function toRetiredTable(retired: readonly (readonly [string, { on: string; replacement?: string }])[]): string {
  const rows = retired.map(([id, { on, replacement }]) => [`\`${id}\``, on, replacement ? `\`${replacement}\`` : '']);
  return toTable(['id', 'ended', 'call instead'], rows);
}

function toModelPart(entry: ModelEntry): readonly string[] {
  const { id, displayName, briefDescription, retirement, prices } = entry;
  const end = retirement && `Its provider ends it on ${retirement.on}${toSource(retirement.source)}`;
  const replacement = retirement?.replacement === undefined ? '' : ` Call \`${retirement.replacement}\` instead.`;
  return [
    `### \`${id}\``,
    `${displayName}. ${briefDescription}${end ? ` **${end}**${replacement}` : ''}`,
    toTable(['', ''], toFacts(entry)),
    `Prices as of ${prices.asOf}. ${prices.source}`,
  ];
}

function toSource(source: string | undefined): string {
  return source === undefined ? '.' : ` (${source.replace(/\.$/, '')}).`;
}

function toFacts({ id, upstreamId, aliases = [], limits, prices }: ModelEntry): readonly (readonly string[])[] {
  const costs = limits.imageSizes.map((size) => `${size}: ${toDollarText(toImagePrice(prices, size))}`);
  const references = `${limits.maxReferences}, at ${toDollarText(toReferencePrice(prices))} each`;
  return [
    ...(upstreamId === id ? [] : [['called upstream', `\`${upstreamId}\``]]),
    ...(aliases.length === 0 ? [] : [['other names', aliases.map((alias) => `\`${alias}\``).join(', ')]]),
    ['sizes and prices', costs.join(', ')],
    ['ratios', limits.aspectRatios.join(', ')],
    ['reference pictures', limits.maxReferences === 0 ? 'none' : references],
    ['prompt', `${limits.maxPromptCharacters.toLocaleString('en-US')} characters`],
    ['pictures of one request', String(limits.maxImages)],
    ['optional parameters', limits.optionalParameters.map((name) => `\`${name}\``).join(', ') || 'none'],
    ...(limits.thinkingLevels ? [['thinking levels', limits.thinkingLevels.join(', ')]] : []),
  ];
}

function toDollarText(micros: number): string {
  return `$${Number((micros / 1e6).toPrecision(3))}`;
}
