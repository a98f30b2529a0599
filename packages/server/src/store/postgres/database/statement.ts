import { createHash } from 'node:crypto';
import { toStorableNumber, toStorableText } from '../../rows/storable.ts';

/** A statement whose rows have the shape `Row`. Its name lets each connection parse and plan it once. */
export interface Statement<Row = unknown> {
  readonly name: string;
  readonly text: string;
  /** Never present: it ties `Row` to the statement. */
  readonly row?: Row;
}

/** Arrays are the rows of an `unnest`. */
export type Value = Scalar | readonly Scalar[];
type Scalar = string | number | boolean | null;

/** The same text has the same name, so that processes of one version share the statements of a pooled connection. */
export function toStatement<Row = unknown>(text: string): Statement<Row> {
  return { name: `darkroom_${createHash('sha256').update(text).digest('hex').slice(0, 16)}`, text };
}

/** `$1, $2, $3`: a place for the value of each column. */
export function toPlaces(columns: readonly string[]): string {
  return columns.map((_, index) => `$${index + 1}`).join(', ');
}

/** Every value of every statement passes through here on its way to the server. */
export function toStorable(value: Value): Value {
  return isList(value) ? value.map(toStorableScalar) : toStorableScalar(value);
}

function isList(value: Value): value is readonly Scalar[] {
  return Array.isArray(value);
}

function toStorableScalar(value: Scalar): Scalar {
  if (typeof value === 'string') return toStorableText(value);
  return typeof value === 'number' ? toStorableNumber(value) : value;
}
