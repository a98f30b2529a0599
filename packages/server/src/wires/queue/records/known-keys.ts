/** A record without the keys that it may have beside its own. What is written is only what is named. */
export type KnownKeys<Record> = {
  readonly [Key in keyof Record as string extends Key ? never : Key]: Record[Key];
};
