import { findNearest } from './nearest-name.ts';
import { settingNames } from './settings.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What is wrong with variables that look like settings and are none: whoever sets `DARKROOM_CONCURENCY` believes that it has an
 * effect. No problem holds a value.
 */
export function findUnknownVariables(env: Environment): readonly string[] {
  return Object.entries(env)
    .filter(([name, value]) => isMeantForUs(name) && value && !isServiceLink(name, value))
    .map(([name]) => `${name} is no setting: ${toSuggestion(name)}`);
}

/** The end of a sentence about a name that is no setting. */
export function toSuggestion(name: string): string {
  const nearest = findNearest(name, settingNames);
  return nearest === undefined ? `the settings are ${settingNames.join(', ')}` : `did you mean ${nearest}?`;
}

/** Programs that call Darkroom, or are called by it, read these; the documentation gives them their names. */
const namesOfPrograms: ReadonlySet<string> = new Set(['DARKROOM_URL', 'DARKROOM_WEBHOOK_SECRET']);

function isMeantForUs(name: string): boolean {
  return (
    name.startsWith('DARKROOM_') && !(settingNames as readonly string[]).includes(name) && !namesOfPrograms.has(name)
  );
}

/** Kubernetes tells every pod of the services around it, also of one that is called `darkroom` or `darkroom-…`. */
function isServiceLink(name: string, value: string): boolean {
  if (/_SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)$/.test(name)) return true;
  return (
    /_PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?$/.test(name) && (/_\d+_/.test(name) || /^\w+:\/\//.test(value))
  );
}
