/** A value of a form: its fields are texts, in objects and lists by the brackets of their names. */
type Value = string | Value[] | { [key: string]: Value };

/** The fields of a form as the JSON that they mean: `svg[model]` is a key of an object, `tags[]` an entry of a list. */
export class FormFields {
  readonly #root: { [key: string]: Value } = createObject();

  /** Of two fields with the same name, the later counts. A name that is not well-formed is a name as it is. */
  add(name: string, value: string): void {
    const [, first = name, brackets = ''] = /^([^[\]]+)((?:\[[^[\]]*\])*)$/.exec(name) ?? [];
    const keys = [...brackets.matchAll(/\[([^[\]]*)\]/g)].map(([, key = '']) => key);
    this.#root[first] = merge(this.#root[first], keys, value);
  }

  toObject(): Readonly<Record<string, Value>> {
    return this.#root;
  }
}

function merge(before: Value | undefined, [key, ...rest]: readonly string[], value: string): Value {
  if (key === undefined) return value;
  if (key === '') return [...(Array.isArray(before) ? before : []), merge(undefined, rest, value)];
  const object = typeof before === 'object' && !Array.isArray(before) ? before : createObject();
  object[key] = merge(object[key], rest, value);
  return object;
}

/** Without a prototype, so that no name of a field means anything but a key. */
function createObject(): { [key: string]: Value } {
  return Object.create(null) as { [key: string]: Value }; // an object without keys has values of any type
}
