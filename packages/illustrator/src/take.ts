/**
 * Which of several pictures of the same texts: a picture asked for again is another one, as the upstream's would be. It
 * goes in the picture's thought signature, so that an edit goes on with the picture that it was given.
 */
export interface Take {
  /** 1 to 15: composes the scene. The first is what the texts alone make of it. */
  readonly scene: number;
  /** 0 to 15: what stands behind the subjects, and the colours of what has none of its own. Edits differ in it. */
  readonly shade: number;
}

export const firstTake: Take = { scene: 1, shade: 0 };

const scenes = 15;
const shades = 16;

/** The take of the `nth` picture, from 1, that the same texts make; of an edit it goes on from the take of what it edits. */
export function toTake(nth: number, edited: Take | undefined): Take {
  return edited
    ? { scene: edited.scene, shade: (edited.shade + nth - 1) % shades }
    : { scene: ((nth - 1) % scenes) + 1, shade: 0 };
}

/** A take as one byte; the first one is 1. */
export function toByte({ scene, shade }: Take): number {
  return shade * shades + scene;
}

/** Undoes `toByte`. */
export function fromByte(byte: number): Take {
  return { scene: byte % shades, shade: Math.floor(byte / shades) };
}
