import { accessSync, constants } from 'node:fs';
import { groupDigits } from '@darkroom/protocol';
import { z } from 'zod';
import { sandboxUpstream } from '../core/upstreams.ts';
import { parseJson } from './json-setting.ts';
import { secretText } from './secret-text.ts';

const shape = 'must be a JSON list of upstreams, e.g. [{"name": "main", "api_key": "…"}]';
const maxUpstreams = 100;

const limit = (max: number) => {
  const error = `must be a whole number from 1 to ${groupDigits(max)}`;
  return z.int({ error }).min(1, { error }).max(max, { error });
};

const orderRule = { error: 'must be a whole number from 0 to 1,000' };
const order = z.int(orderRule).min(0, orderRule).max(1_000, orderRule);

const dollars = { error: 'must be a number of dollars from 0.01 to 1,000,000' };

const name = { error: 'must have 1 to 40 lower-case letters, digits and dashes' };
const modelIds = { error: 'must be a list of 1 to 100 ids of models' };

const cloudRule = { error: 'must have 1 to 100 lower-case letters, digits, dashes, dots and colons' };
const cloudWord = z.string(cloudRule).regex(/^[a-z0-9.:-]{1,100}$/, cloudRule);
const fileRule = { error: 'must be the path of a file that can be read' };
const bucketsRule = { error: 'must be a list of 1 to 100 names of buckets, without gs://' };
const bucket = z.string(bucketsRule).regex(/^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/, bucketsRule);
const personGenerations = ['allow_all', 'allow_adult', 'allow_none'] as const;

const upstreamShape = {
  name: z
    .string({ error: 'must be a string' })
    .regex(/^[a-z0-9-]{1,40}$/, name)
    .refine((name) => name !== sandboxUpstream, { error: 'must not be sandbox: that is the name of the built-in one' }),
  provider: z
    .string(name)
    .regex(/^[a-z0-9-]{1,40}$/, name)
    .optional(),
  models: z.array(z.string(modelIds).max(100, modelIds), modelIds).min(1, modelIds).max(100, modelIds).optional(),
  order: order.optional(),
  /** Needed by all providers but Vertex AI. */
  api_key: secretText.optional(),
  base_url: z
    .url({ protocol: /^https?$/, error: 'must be an http(s) URL' })
    .transform((text) => text.replace(/\/+$/, ''))
    .optional(),
  project: cloudWord.optional(),
  location: cloudWord.optional(),
  credentials_file: z.string(fileRule).refine(isReadable, fileRule).optional(),
  person_generation: z.enum(personGenerations, { error: `must be one of ${personGenerations.join(', ')}` }).optional(),
  /** From which it reads references itself. */
  buckets: z.array(bucket, bucketsRule).min(1, bucketsRule).max(100, bucketsRule).optional(),
  concurrency: limit(1_000).optional(),
  requests_per_minute: limit(1_000_000).optional(),
  images_per_minute: limit(1_000_000).optional(),
  requests_per_day: limit(100_000_000).optional(),
  dollars_per_ten_minutes: z.number(dollars).min(0.01, dollars).max(1_000_000, dollars).optional(),
};

const upstreamKeys = Object.keys(upstreamShape);

const upstreamSchema = z.strictObject(upstreamShape, {
  error: (issue) =>
    issue.code === 'unrecognized_keys'
      ? `has the unknown ${issue.keys.length === 1 ? 'key' : 'keys'} ${issue.keys.join(', ')}; the keys are ${upstreamKeys.join(', ')}`
      : 'must be an object with a name and an api_key',
});

/** The provider whose accounts are projects of Google Cloud. */
const vertex = 'vertex';
const vertexKeys = ['location', 'credentials_file', 'person_generation', 'buckets'] as const;
const noKeyRule =
  'must be left out: Vertex AI does not use API keys. Give credentials_file, the key file of a service account, or nothing on Google Cloud';

/** All problems are named at once, also when other keys are wrong. */
const entrySchema = vertexKeys.reduce(
  (schema, key) => refuseElsewhere(schema, key),
  refuseElsewhere(upstreamSchema, 'project')
    .refine((entry) => entry.provider !== vertex || entry.project !== undefined, {
      path: ['project'],
      error: 'is missing: Vertex AI needs the id of a Google Cloud project',
      when: isObject,
    })
    .refine((entry) => entry.provider === vertex || entry.api_key !== undefined, {
      path: ['api_key'],
      error: 'is missing',
      when: isObject,
    })
    .refine((entry) => entry.provider !== vertex || entry.api_key === undefined, {
      path: ['api_key'],
      error: noKeyRule,
      when: isObject,
    }),
);

function refuseElsewhere(schema: typeof upstreamSchema, key: 'project' | (typeof vertexKeys)[number]) {
  return schema.refine((entry) => entry.provider === vertex || entry[key] === undefined, {
    path: [key],
    error: `is only for upstreams with "provider": "${vertex}": leave it out`,
    when: isObject,
  });
}

function isObject({ value }: { readonly value: unknown }): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/** An entry of `DARKROOM_UPSTREAMS`: an account of a provider, given by its key. */
export type UpstreamEntry = z.output<typeof upstreamSchema>;

/** Reads `DARKROOM_UPSTREAMS`: JSON text in the environment, a list in the file. No message contains a value. */
export const upstreamsSchema = z
  .preprocess(
    parseJson,
    z
      .array(entrySchema, { error: shape })
      .min(1, { error: shape })
      .max(maxUpstreams, { error: `must have at most ${maxUpstreams} upstreams` })
      .superRefine((upstreams, context) => {
        const names = upstreams.map(({ name }) => name);
        names.forEach((name, index) => {
          if (names.indexOf(name) < index)
            context.addIssue({
              code: 'custom',
              path: [index, 'name'],
              message: 'must be unique: another upstream has it',
            });
        });
      }),
  )
  .optional();
