import { type Setting, settingNames, settings } from '../../src/config/settings.ts';
import { toPage, toTable } from './markdown.ts';

const intro = `<!-- Made by npm run docs from packages/server/src/config/settings.ts. -->

Settings come from flags of \`darkroom serve\`, from the environment, and from \`darkroom.config.json\` in the folder where Darkroom
starts. The file uses the same names as the environment: \`{"PORT": 8080}\`. Flags take precedence over the environment, and the
environment over the file. An empty variable counts as not set. If settings are wrong, Darkroom does not start, and reports all of
them together, by name and never by value.`;

const secrets = `Settings marked as secret never appear in logs or messages. Set them in the environment: anybody who can list
the machine's processes can see flags.`;

export function toConfigurationPage(): string {
  return toPage(
    '# Configuration',
    intro,
    toTable(
      ['setting', 'flag', 'what it does', 'without it'],
      settingNames.map((name) => {
        const { flag, description, fallback, isSecret }: Setting = settings[name];
        return [`\`${name}\``, `\`--${flag}\``, `${description}${isSecret ? ' **Secret.**' : ''}`, fallback];
      }),
    ),
    secrets,
  );
}
