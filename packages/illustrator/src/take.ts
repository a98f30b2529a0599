/**
 * Distinguishes several pictures from the same texts: a picture that is requested again is different, as the upstream's
 * would be. The take is part of the thought signature, so that an edit continues with the picture that it was given.
 */
export interface Take {
  /** 1 to 15: composes the scene. The first one depends only on the texts. */
  readonly scene: number;
  /** 0 to 15: the background and the colours of things that have none. Edits differ in it. */
  readonly shade: number;
}

export const firstTake: Take = { scene: 1, shade: 0 };

const scenes = 15;
const shades = 16;

/** The take of the `nth` picture, from 1, of the same texts. An edit continues from the take of the edited picture. */
export function toTake(nth: number, edited: Take | undefined): Take {
  return edited
    ? { scene: edited.scene, shade: (edited.shade + nth - 1) % shades }
    : { scene: ((nth - 1) % scenes) + 1, shade: 0 };
}

/** A take as one byte. The first take is 1. */
export function toByte({ scene, shade }: Take): number {
  return shade * shades + scene;
}

/** Undoes `toByte`. */
export function fromByte(byte: number): Take {
  return { scene: byte % shades, shade: Math.floor(byte / shades) };
}
