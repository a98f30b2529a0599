import { toAnchor, toPage, toTable } from './markdown.ts';
import { type OpenApi, type Operation, readOpenApi, type Schema } from './openapi-shapes.ts';
import { toBodyRows, toKeyRows, toTypeWords } from './schema-words.ts';

const intro = `<!-- Made by npm run docs from the schemas that check the calls. -->

This page lists every call and every shape. A running server has the same information at \`/docs/api\`, where you can try out the calls, and
at \`/openapi.json\`, for tools. Bodies are JSON in UTF-8. A call needs the header \`Authorization: Bearer YOUR_API_KEY\` unless the page
says that it needs no key. The key needs the scope that is named behind the address: \`admin\` for calls under \`/api/v1/admin\`. The answer to a refused call is a [Problem](#problem);
[errors](errors.md) explains its codes. A \`?\` after a key means that the key may be missing. Keys that are not listed are ignored. Keys may
be added to answers, so clients must ignore keys that they do not know.`;

interface Call {
  /** Several addresses have the same meaning. */
  readonly addresses: readonly string[];
  readonly operation: Operation;
}

export async function toHttpPage(): Promise<string> {
  const document = await readOpenApi();
  const calls = listCalls(document);
  const groups = document.tags.map(({ name }) => ({ name, calls: calls.filter((call) => isTagged(call, name)) }));
  return toPage(
    '# HTTP reference',
    intro,
    toTable(['call', 'what it does'], calls.flatMap(toLines)),
    ...groups.flatMap((group) => [`## ${group.name}`, ...group.calls.flatMap(toSections)]),
    '## Shapes',
    ...Object.entries(document.components.schemas).flatMap(([name, schema]) => toShape(name, schema)),
  );
}

const isTagged = ({ operation }: Call, tag: string) => operation.tags.includes(tag);

/** In the order of their tags. Throws when a call has no tag, or shares its summary with a call that is not the same. */
function listCalls({ tags, paths }: OpenApi): readonly Call[] {
  const addressed = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ address: `${method.toUpperCase()} ${path}`, operation })),
  );
  const calls = [...Map.groupBy(addressed, ({ operation }) => operation.summary).values()].flatMap((same) => {
    const [first, ...others] = same;
    if (!first) return [];
    for (const { address, operation } of others)
      if (toFacts(operation) !== toFacts(first.operation))
        throw new Error(`${address} and ${first.address} have the same summary and differ.`);
    return { addresses: same.map(({ address }) => address), operation: first.operation };
  });
  const tagged = tags.flatMap(({ name }) => calls.filter((call) => isTagged(call, name)));
  if (tagged.length !== calls.length) throw new Error('A call must have exactly one tag of the document.');
  return tagged;
}

/** Everything except its name. */
function toFacts(operation: Operation): string {
  return JSON.stringify({ ...operation, operationId: '' });
}

function toLines({ addresses, operation: { summary } }: Call): readonly (readonly string[])[] {
  return addresses.map((address) => [`\`${address}\``, `[${summary}](#${toAnchor(summary)})`]);
}

function toSections({ addresses, operation }: Call): readonly string[] {
  const { summary, description = '', security, parameters = [] } = operation;
  const rows = parameters.map(({ name, in: place, required, schema }) => [
    `\`${name}\`${required ? '' : '?'}`,
    place,
    toTypeWords(schema),
    schema.description ?? '',
  ]);
  const place = addresses.map((address) => `\`${address}\``).join(' or ');
  return [
    `### ${summary}`,
    `${place}${toKeyNote(security)}`,
    description,
    rows.length > 0 ? toTable(['parameter', 'in', 'type', ''], rows) : '',
    ...toBody(operation),
    toAnswers(operation),
  ];
}

function toKeyNote(security: Operation['security']): string {
  if (security?.length === 0) return ' (no key)';
  const scope = Object.values(security?.[0] ?? {})[0]?.[0];
  return scope === undefined ? '' : ` (scope \`${scope}\`)`;
}

function toBody({ requestBody }: Operation): readonly string[] {
  return Object.entries(requestBody?.content ?? {}).flatMap(([contentType, { schema }]) => {
    const rows = toBodyRows(schema);
    if (rows.length === 0) return [`Body: \`${contentType}\`, ${toTypeWords(schema)}.`];
    return [toTable(['key of the body', 'type', ''], rows)];
  });
}

function toAnswers({ responses }: Operation): string {
  const answers = Object.entries(responses);
  const isRefusal = ([, { content }]: (typeof answers)[number]) =>
    content?.['application/json']?.schema.$ref?.endsWith('/Problem') ?? false;
  const lines = answers
    .filter((one) => !isRefusal(one))
    .map(([status, { description, content = {} }]) => `- **${status}** ${description} ${toContent(content)}`.trimEnd());
  const codes = answers.filter(isRefusal).flatMap(([status, { description }]) => {
    const names = [...description.matchAll(/`(\w+)`: /g)].map(([, code]) => `\`${code}\``);
    return `${status} ${names.join(', ')}`;
  });
  return [...lines, ...(codes.length > 0 ? [`- [Refused](errors.md#refusals): ${codes.join('; ')}`] : [])].join('\n');
}

function toContent(content: NonNullable<Operation['responses'][string]['content']>): string {
  const words = Object.entries(content).map(([contentType, { schema }]) => {
    const type = toTypeWords(schema);
    const keys = toKeyRows(schema).map(([key]) => key);
    return contentType === 'application/json'
      ? keys.length > 0
        ? `an object of ${keys.join(', ')}`
        : type
      : `\`${contentType}\`, ${type}`;
  });
  const notes = Object.values(content).flatMap(({ schema: { description } }) => description ?? []);
  return words.length === 0 ? '' : [`(${words.join('; ')})`, ...notes].join(' ');
}

function toShape(name: string, schema: Schema): readonly string[] {
  const rows = toKeyRows(schema);
  return [
    `### ${name}`,
    schema.description ?? '',
    rows.length > 0 ? toTable(['key', 'type', ''], rows) : `${toTypeWords(schema)}.`,
  ];
}
