/** What the moderation of the operator said about something that it let pass. */
export interface ModerationFlag {
  readonly about: 'request' | 'picture';
  readonly reason: string;
}

/** Pictures of one request have its flag in common. */
export function toDistinctFlags(flags: readonly ModerationFlag[]): readonly ModerationFlag[] {
  return [...new Map(flags.map((flag) => [`${flag.about} ${flag.reason}`, flag])).values()];
}
