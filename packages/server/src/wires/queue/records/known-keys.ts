/** A record without unknown keys. Only the named keys are written. */
export type KnownKeys<Record> = {
  readonly [Key in keyof Record as string extends Key ? never : Key]: Record[Key];
};
