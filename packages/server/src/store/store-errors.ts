/** The database was made by a newer Darkroom: this one must not touch it. */
export class SchemaTooNewError extends Error {
  override readonly name = 'SchemaTooNewError';

  constructor(options: { readonly database: string; readonly found: number; readonly known: number }) {
    super(
      `The database ${options.database} has schema ${options.found}, made by a newer Darkroom; this one knows up to ` +
        `${options.known}. Start the newer version, or restore a backup.`,
    );
  }
}

/** The database cannot be used; the message is a sentence for the operator, the cause is what the driver said. */
export class StoreUnusableError extends Error {
  override readonly name = 'StoreUnusableError';
}
