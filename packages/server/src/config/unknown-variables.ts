import { findNearest } from './nearest-name.ts';
import { settingNames } from './settings.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Finds variables that look like settings but are not: an operator who sets `DARKROOM_CONCURENCY` believes that it has an
 * effect. No problem contains a value.
 */
export function findUnknownVariables(env: Environment): readonly string[] {
  return Object.entries(env)
    .filter(([name, value]) => isMeantForUs(name) && value && !isServiceLink(name, value))
    .map(([name]) => `${name} is not a setting: ${toSuggestion(name)}`);
}

/** The end of a sentence about a name that is not a setting. */
export function toSuggestion(name: string): string {
  const nearest = findNearest(name, settingNames);
  return nearest === undefined ? `the settings are ${settingNames.join(', ')}` : `did you mean ${nearest}?`;
}

/** Variables of programs that call Darkroom or are called by it. The documentation introduces these names. */
const namesOfPrograms: ReadonlySet<string> = new Set(['DARKROOM_URL', 'DARKROOM_WEBHOOK_SECRET']);

function isMeantForUs(name: string): boolean {
  return (
    name.startsWith('DARKROOM_') && !(settingNames as readonly string[]).includes(name) && !namesOfPrograms.has(name)
  );
}

/** Kubernetes sets variables for every service in each pod, also for a service named `darkroom` or `darkroom-…`. */
function isServiceLink(name: string, value: string): boolean {
  if (/_SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)$/.test(name)) return true;
  return (
    /_PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?$/.test(name) && (/_\d+_/.test(name) || /^\w+:\/\//.test(value))
  );
}
