import { createHash } from 'node:crypto';

/** A statement whose rows have the shape `Row`. Its name lets each connection parse and plan it once. */
export interface Statement<Row = unknown> {
  readonly name: string;
  readonly text: string;
  /** Never there: ties `Row` to the statement. */
  readonly row?: Row;
}

/** Arrays stand for the rows of an `unnest`. */
export type Value = Scalar | readonly Scalar[];
type Scalar = string | number | boolean | null;

/** The same text has the same name, so that processes of one version share the statements of a pooled connection. */
export function toStatement<Row = unknown>(text: string): Statement<Row> {
  return { name: `darkroom_${createHash('sha256').update(text).digest('hex').slice(0, 16)}`, text };
}
