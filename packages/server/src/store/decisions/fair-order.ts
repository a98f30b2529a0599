/*
 * Organizations take turns, one request a turn: the one that has waited longest goes first. Of its requests the one with the
 * highest priority goes first, then the oldest.
 */

interface Turn {
  readonly turn: number;
  readonly organizationId: string;
}

/**
 * The organization whose turn it is. New organizations share a turn: among them the order of the ids decides, as in `position`.
 */
export function toFirstInTurn<T extends Turn>(waiting: readonly T[]): T | undefined {
  return toFirst(waiting, (a, b) => (a.turn === b.turn ? a.organizationId < b.organizationId : a.turn < b.turn));
}

interface Candidate {
  readonly priority: number;
  readonly id: string;
}

/** The request of an organization that goes first. */
export function toFirstInLine<T extends Candidate>(candidates: readonly T[]): T | undefined {
  return toFirst(candidates, (a, b) => (a.priority === b.priority ? a.id < b.id : a.priority > b.priority));
}

function toFirst<T>(all: readonly T[], isBefore: (a: T, b: T) => boolean): T | undefined {
  return all.reduce<T | undefined>(
    (first, one) => (first === undefined || isBefore(one, first) ? one : first),
    undefined,
  );
}
