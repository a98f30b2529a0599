import { submitBodySchema } from '@darkroom/protocol';
import { z } from 'zod';
import { providers } from '../../src/compose/providers.ts';
import { type SettingName, settings } from '../../src/config/settings.ts';
import { createModelSpec } from '../../src/models/create-model-spec.ts';
import { createModelRegistry } from '../../src/models/registry.ts';
import type { Block } from './markdown.ts';

/** The models of all providers: pages show all of them. */
const models = createModelRegistry(
  providers.flatMap((provider) => provider.models.map((entry) => createModelSpec(entry))),
);

/** What a data block claims to be, by its mark `of`. Each check throws when the claim is false. */
const checks: Readonly<Record<string, (code: string) => void>> = {
  submit: (code) => {
    const { model, payload } = submitBodySchema.parse(JSON.parse(code));
    const spec = models.find(model);
    if (!spec) throw new Error(`There is no model ${model}.`);
    const parsed = spec.parse(payload, 'contract');
    if (parsed.kind === 'refused') throw new Error(JSON.stringify(parsed.issues));
    // Servers ignore unknown keys; a page must not have any.
    const { properties = {} } = z.toJSONSchema(spec.payloadSchema, { io: 'input' });
    for (const key of Object.keys(payload)) if (!(key in properties)) throw new Error(`A payload has no key ${key}.`);
  },
  upstreams: (code) => checkSetting('DARKROOM_UPSTREAMS', JSON.parse(code.replaceAll('"…"', '"a-key-of-google"'))),
  settings: (code) => {
    for (const line of code.trim().split('\n')) {
      const [, name = '', value = ''] = /^(\w+)=('[^']*'|\S+)/.exec(line) ?? [];
      checkSetting(name, value.replaceAll("'", ''));
    }
  },
  'settings file': (code) => {
    const file = JSON.parse(code) as Record<string, unknown>; // each value is checked by its own schema
    for (const [name, value] of Object.entries(file)) checkSetting(name, value);
  },
  json: (code) => {
    JSON.parse(code);
  },
};

function checkSetting(name: string, value: unknown): void {
  if (!Object.hasOwn(settings, name)) throw new Error(`There is no setting ${name}.`);
  settings[name as SettingName].schema.parse(value); // it is a key of the table
}

/** Checks a block that is data; `false` when it is something to run. */
export function isCheckedData({ language, marks, code }: Block): boolean {
  const kind = marks.get('of') ?? (language === 'json' && !marks.has('output') ? guessKind(code) : undefined);
  if (kind === undefined) return false;
  const check = checks[kind];
  if (!check) throw new Error(`There is no check for ${kind}.`);
  check(code);
  return true;
}

/** A payload shows that it is the body of a submit. */
function guessKind(code: string): string {
  return /"payload"\s*:/.test(code) ? 'submit' : 'json';
}
