import { type Setting, type SettingName, settings } from './settings.ts';

/** A setting as it may be shown to everybody who operates the service: secret ones only say that they are set. */
export function toHarmless(name: SettingName, value: unknown): unknown {
  const { isSecret }: Setting = settings[name];
  if (isSecret) return 'set';
  return typeof value === 'string' ? withoutSecrets(value) : value;
}

/** An address may have a name and a password, and a token behind its path. A bucket's options say where it is. */
function withoutSecrets(text: string): string {
  const bare = text.replace(/^(\w+:\/\/)[^/@]*@/, '$1');
  return /^https?:\/\//.test(bare) ? bare.replace(/[?#].*$/, '') : bare;
}
