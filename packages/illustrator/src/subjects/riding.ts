import type { Subject } from '../scene.ts';
import { heights, type Piece, type Spot, toPiece, toSubject } from './piece.ts';

/** The piece at its spot. A rider comes with its mount, which is at the spot instead and hides the rider's legs. */
export function seat(piece: Piece, spot: Spot): readonly Subject[] {
  const { mount } = piece.member;
  if (mount === undefined) return [toSubject(piece, spot)];
  const carrier = toPiece(mount, piece.size * (piece.pose === 'figure' ? 1.85 : 1.25), 'icon');
  const rider = { ...piece, size: piece.size * 0.74 };
  const below = rider.pose === 'figure' ? rider.size * heights.figure * 0.3 : 0;
  // The saddle is behind the middle: animals of the icon set look to the left.
  const x = spot.x + carrier.size * (spot.isFlipped ? -0.17 : 0.17);
  const y = spot.y - carrier.size * 0.46 + below;
  return [toSubject(rider, { ...spot, x, y, shadow: 'none' }), toSubject(carrier, spot)];
}
