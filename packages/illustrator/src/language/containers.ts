/** Words that, before "of" and a thing, only say how the thing is served: a glass of wine is wine. */
export const containers: ReadonlySet<string> = new Set([
  'basket',
  'bottle',
  'bowl',
  'box',
  'bucket',
  'cup',
  'glass',
  'jar',
  'mug',
  'piece',
  'plate',
  'pot',
  'slice',
  'statue',
  'tray',
]);
