import type { Colour } from '../colour.ts';
import type { SettledReading } from '../settle-stage.ts';
import { addThing, replaceThings, setCount } from './cast-changes.ts';
import type { Edit, Target, Thing } from './edit.ts';
import { findTargets, findVisible } from './find-targets.ts';
import { readEdit } from './read-edit.ts';
import { clearSetting, restage } from './restage.ts';
import { changeNouns, type State } from './state.ts';

/**
 * The reading after a conversation's later texts. Each text is applied to the result of the previous ones. Any text is
 * allowed: a text without an edit changes nothing.
 */
export function applyEdits(reading: SettledReading, texts: readonly string[]): SettledReading {
  const states: State[] = [{ reading, last: [] }];
  for (const text of texts) {
    let state = states.at(-1) ?? { reading, last: [] };
    const edits = readEdit(text);
    if (edits.some(({ kind }) => kind === 'undo')) {
      if (states.length > 1) states.pop();
      continue;
    }
    for (const edit of edits) state = applyEdit(state, edit);
    states.push(state);
  }
  return states.at(-1)?.reading ?? reading;
}

function applyEdit(state: State, edit: Edit): State {
  switch (edit.kind) {
    case 'add':
      return isThere(state, edit.thing) ? speakOf(state, edit.thing) : addThing(state, edit.thing);
    case 'mention':
      return mention(state, edit.thing);
    case 'replace':
      return replaceThings(state, edit.targets, edit.by);
    case 'recolour':
      return recolour(state, edit.targets, edit.colour);
    case 'resize':
      return changeNouns(state, findTargets(state, edit.targets), ({ edited, ...noun }) => ({
        ...noun,
        edited: { ...edited, scale: clampScale((edited?.scale ?? 1) * edit.factor) },
      }));
    case 'remove':
      return remove(state, edit);
    case 'restage':
      return { ...state, reading: restage(state.reading, edit.setting) };
    case 'clear':
      return { ...state, reading: clearSetting(state.reading, edit.setting) };
    case 'undo':
      return state;
  }
}

const clampScale = (scale: number) => Math.min(2.5, Math.max(0.3, scale));

/** "On the table" or "the panda" refers to what is already there. "A panda" asks for one more. */
function isThere(state: State, thing: Thing): boolean {
  const isKnown = thing.article === 'definite' || thing.isPlaced;
  return isKnown && findTargets(state, [thing]).length > 0;
}

function speakOf(state: State, thing: Thing): State {
  return describe({ ...state, last: findTargets(state, [thing]) }, thing);
}

function mention(state: State, thing: Thing): State {
  const { tint: _tint, ...anyColour } = thing;
  const known = findTargets(state, [thing]).length > 0 ? thing : anyColour;
  const found = findTargets(state, [known]);
  if (found.length === 0) return addThing(state, thing);
  const described = describe({ ...state, last: found }, thing);
  return thing.count === undefined ? described : setCount(described, found, thing.count);
}

function describe(state: State, { tint, scale }: Thing): State {
  const tinted = tint === undefined ? state : changeNouns(state, state.last, (noun) => ({ ...noun, tint }));
  if (scale === undefined) return tinted;
  return changeNouns(tinted, state.last, ({ edited, ...noun }) => ({ ...noun, edited: { ...edited, scale } }));
}

/** A colour that belongs to nothing is that of the picture. A thing that is not there is added in that colour. */
function recolour(state: State, targets: readonly Target[], colour: Colour): State {
  const { reading } = state;
  const [visible, found] = [findVisible(reading), findTargets(state, targets)];
  if (targets.some(({ kind }) => kind === 'sky')) return { ...state, reading: { ...reading, skyTint: colour } };
  if (targets.some(({ kind }) => kind === 'background'))
    return { ...state, reading: { ...restage(reading, { background: 'studio' }), wash: colour } };
  const isWhole = visible.length === 0 || targets.some(({ kind }) => kind === 'picture' || kind === 'all');
  const washed = isWhole ? { ...state, reading: { ...reading, wash: colour } } : state;
  if (found.length > 0) return changeNouns(washed, found, (noun) => ({ ...noun, tint: colour }));
  const missing = visible.length === 0 ? undefined : targets.find((target) => target.kind === 'thing');
  return missing === undefined ? washed : addThing(washed, { ...missing, tint: colour });
}

function remove(state: State, { targets, isAllBut }: Extract<Edit, { kind: 'remove' }>): State {
  const found = findTargets(state, targets);
  const counted = targets.find((target) => target.kind === 'thing' && target.count !== undefined);
  const first = state.reading.nouns[found[0] ?? -1];
  if (!isAllBut && counted?.kind === 'thing' && first !== undefined && first.count > (counted.count ?? 0))
    return setCount(state, found, first.count - (counted.count ?? 0));
  const gone = isAllBut ? findVisible(state.reading).filter((index) => !found.includes(index)) : found;
  const kept = changeNouns(state, gone, ({ edited, ...noun }) => ({ ...noun, edited: { ...edited, isRemoved: true } }));
  return { ...kept, last: isAllBut ? found : [] };
}
