import type { Statement, Value } from './statement.ts';

/**
 * Where statements run: a transaction or, for single reads, any free connection. In a transaction, statements that are begun
 * together travel together. The server runs them one after the other, in the order in which they were begun.
 */
export interface Session {
  all<Row>(statement: Statement<Row>, ...values: readonly Value[]): Promise<readonly Row[]>;
  /** The first row. */
  get<Row>(statement: Statement<Row>, ...values: readonly Value[]): Promise<Row | undefined>;
  /** How many rows it changed. */
  run(statement: Statement, ...values: readonly Value[]): Promise<number>;
  /** Statements without values, in one message. */
  script(text: string): Promise<void>;
}
