import { type Command, Option } from 'commander';
import { type Config, loadConfig } from '../config/load-config.ts';
import { type SettingName, settingNames, settings } from '../config/settings.ts';

/** Adds the flags of the named settings to a command. */
export function addSettings(command: Command, names: readonly SettingName[] = settingNames): Command {
  for (const name of names) {
    const { flag, description, fallback } = settings[name];
    command.addOption(new Option(`--${flag} <value>`, `${description} Environment: ${name}. (default: ${fallback})`));
  }
  return command;
}

/** The configuration of a command. Flags override the environment, which overrides `darkroom.config.json`. */
export function loadCommandConfig(command: Command): Config {
  const given = command.opts<Record<string, string | undefined>>();
  const flags = Object.fromEntries(
    settingNames.flatMap((name) => {
      const value = given[toOptionKey(settings[name].flag)];
      return value === undefined ? [] : [[name, value]];
    }),
  );
  return loadConfig({ env: process.env, flags, folder: process.cwd() });
}

/** The key that Commander uses for an option: `data-dir` becomes `dataDir`. */
function toOptionKey(flag: string): string {
  return flag.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
