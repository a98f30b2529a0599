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

/** The database is an unfinished `darkroom copy`: a service on it would see only a part, and keep the rest from being copied. */
export class UnfinishedCopyError extends Error {
  override readonly name = 'UnfinishedCopyError';

  constructor(database: string) {
    super(
      `The database ${database} is an unfinished copy of another Darkroom. Start the same \`darkroom copy\` again and let it ` +
        'end, or copy into an empty database and use that.',
    );
  }
}

/** The database belongs to an unfinished `darkroom restore`: pictures that its rows name may still be missing. */
export class UnfinishedRestoreError extends Error {
  override readonly name = 'UnfinishedRestoreError';

  constructor(database: string) {
    super(
      `The restore of the database ${database} has not finished. Start the same \`darkroom restore\` again and let it end, or restore into an empty folder.`,
    );
  }
}

/** The database cannot be used; the message is a sentence for the operator, the cause is what the driver said. */
export class StoreUnusableError extends Error {
  override readonly name = 'StoreUnusableError';
}

/**
 * The database does not answer, or cannot write, at this moment: the same call may work later. The message is a sentence for the
 * caller, the cause is what the driver said. Nothing of a write is kept, except with `OutcomeUnknownError`.
 */
export class StoreUnavailableError extends Error {
  override readonly name: string = 'StoreUnavailableError';
}

/**
 * A part of the database's file is damaged, and the call needed it. Other calls work. The message is a sentence for the caller, the
 * cause is what the driver said.
 */
export class StoreDamagedError extends Error {
  override readonly name = 'StoreDamagedError';

  constructor(cause: unknown) {
    super(
      'A part of the database that this call needs is damaged. Other calls work. The operator has to restore the database from a backup.',
      { cause },
    );
  }
}

/** The connection broke while the COMMIT was on its way: the write may be kept or not. */
export class OutcomeUnknownError extends StoreUnavailableError {
  override readonly name = 'OutcomeUnknownError';
}
