import type { Noun } from '../language/read-prompt.ts';
import type { Pose, Subject, Worn } from '../scene.ts';
import { toWorn } from './cast.ts';
import { toHead } from './heads.ts';
import { toPose } from './piece.ts';
import type { Stage } from './stage.ts';
import { isCutOff, toTraits } from './traits.ts';

/** Puts the subjects that the edits ask for into their places. Subjects without edits stay exactly as placed. */
export function recast(placed: readonly Subject[], nouns: readonly Noun[], room: Room): readonly Subject[] {
  return placed.flatMap((subject, index) => {
    const noun = nouns[subject.noun];
    const nearer = placed.slice(index + 1).filter((other) => other.noun === subject.noun).length;
    const isGone = noun === undefined || noun.edited?.isRemoved || nearer >= noun.count;
    return isGone ? [] : [toEdited(subject, noun, nouns, room)];
  });
}

interface Room extends Pick<Stage, 'canvas'> {
  readonly table?: number;
}

function toEdited(subject: Subject, noun: Noun, nouns: readonly Noun[], room: Room): Subject {
  const worn = toWardrobe(subject, nouns);
  const old = noun.edited?.insteadOf?.name ?? noun.name;
  const isNew = noun.name !== old;
  const showsHead = worn.length > subject.worn.length && subject.pose === 'icon';
  const tint = noun.tint ?? (isNew ? undefined : subject.tint);
  const { tint: _old, ...plain } = subject;
  const same: Subject = { ...plain, worn, ...(tint !== undefined && { tint }) };
  const shown = isNew || showsHead ? takePlace(same, noun.name, old, room) : same;
  return { ...shown, size: shown.size * (noun.edited?.scale ?? 1) };
}

function toWardrobe(subject: Subject, nouns: readonly Noun[]): readonly Worn[] {
  const kept = subject.worn.flatMap(({ noun: index }) => dress(nouns, index));
  const added = nouns.flatMap(({ edited }, index) => (edited?.wearer === subject.noun ? dress(nouns, index) : []));
  return [...kept, ...added];
}

function dress(nouns: readonly Noun[], index: number): readonly Worn[] {
  const noun = nouns[index];
  return noun === undefined || noun.edited?.isRemoved ? [] : [toWorn(noun, index)];
}

/** The same place and size, with the pose that suits the new subject there. */
function takePlace(subject: Subject, name: string, old: string, room: Room): Subject {
  const isSeated = subject.pose === 'bust' || isGuest(subject, old, room);
  const head = isSeated || subject.worn.length > 0 ? toHead(name) : name;
  const pose = toPose(head, isSeated ? 'bust' : 'figure');
  const from = isSeated && subject.pose === 'icon' ? guestFrame : frames[subject.pose];
  const to = isSeated && pose === 'icon' ? guestFrame : frames[pose];
  return putDown({ ...subject, name: head, pose, size: (subject.size * from) / to }, subject, room);
}

/** How much larger the square is for a pose of size 1, as in the arrangement. */
const frames: Record<Pose, number> = { icon: 1, figure: 1 / 0.66, bust: 1 };
const guestFrame = 1 / 1.28;

function isGuest({ y, shadow }: Subject, name: string, { table }: Room): boolean {
  return table !== undefined && shadow === 'none' && y > table * 0.95 && toTraits(name).isCreature;
}

/** A figure that is drawn only to the waist is behind the lower edge. A figure with feet is above it. */
function putDown(subject: Subject, old: Subject, { canvas, table }: Room): Subject {
  const [isCut, wasCut] = [subject, old].map(({ pose, name }) => pose === 'icon' && isCutOff(name));
  if (table !== undefined || isCut === wasCut) return subject;
  if (isCut && old.shadow === 'ground')
    return { ...subject, y: canvas.height * 1.05, size: subject.size * 1.3, shadow: 'none' };
  return wasCut && old.y > canvas.height
    ? { ...subject, y: canvas.height * 0.97, size: subject.size / 1.15, shadow: 'ground' }
    : subject;
}
