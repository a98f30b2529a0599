import type { Argument, Command, Option } from 'commander';
import { createProgram } from '../../src/cli/program.ts';
import { settingNames } from '../../src/config/settings.ts';
import { toAnchor, toPage, toTable } from './markdown.ts';

const intro = `<!-- Made by npm run docs from the commands in packages/server/src/cli. -->

Run \`npx darkroom COMMAND\` in the Darkroom folder. Without a checkout, run \`npx @darkroom/server COMMAND\` anywhere. If no command is given, \`serve\` runs. \`--help\` after any command shows the same text as this page.

Commands that make or read requests call the running Darkroom: at \`--server\`, otherwise at the address in \`server.json\` of the data
folder, otherwise at \`HOST\` and \`PORT\`. They use \`DARKROOM_API_KEY\` or the first key of the data folder. Only \`generate\` and \`edit\`
start a temporary server, in a folder where none has ever run. \`keys\`, \`migrate\` and \`copy\` open the store directly. Results go to
standard output and everything else to standard error. A command that fails ends with status 1.`;

/** Flags that are also settings are described on their own page. */
const isSetting = ({ description }: Option) =>
  settingNames.some((name) => description.includes(`Environment: ${name}.`));

export async function toCliPage(): Promise<string> {
  const program = await createProgram();
  const commands = program.commands.flatMap((command) => listLeaves(command, []));
  return toPage(
    '# The command line',
    intro,
    toTable(
      ['command', 'what it does'],
      program.commands.map((command) => [
        `[\`${command.name()}\`](#${toAnchor(command.commands.length > 0 ? toName(command, []) : toHeading(command, []))})`,
        command.description(),
      ]),
    ),
    ...program.commands.flatMap((command) => [
      ...(command.commands.length > 0 ? [`## \`${toName(command, [])}\``, command.description()] : []),
      ...commands.filter(({ top }) => top === command).map(toSection),
    ]),
  );
}

interface Leaf {
  readonly top: Command;
  readonly parents: readonly string[];
  readonly command: Command;
}

/** The commands that do something: those without subcommands. */
function listLeaves(command: Command, parents: readonly string[], top = command): readonly Leaf[] {
  if (command.commands.length === 0) return [{ top, parents, command }];
  return command.commands.flatMap((one) => listLeaves(one, [...parents, command.name()], top));
}

const toName = (command: Command, parents: readonly string[]) => ['darkroom', ...parents, command.name()].join(' ');

function toHeading(command: Command, parents: readonly string[]): string {
  return [toName(command, parents), ...command.registeredArguments.map(toArgument)].join(' ');
}

function toArgument(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

function toSection({ command, parents }: Leaf): string {
  const own = command.options.filter((option) => !isSetting(option));
  const shared = command.options.filter(isSetting);
  const rows = [...command.registeredArguments.map(toArgumentRow), ...own.map(toOptionRow)];
  return toPage(
    `${parents.length > 0 ? '###' : '##'} \`${toHeading(command, parents)}\``,
    command.description(),
    rows.length > 0 ? toTable(['argument or flag', 'what it is'], rows) : '',
    shared.length > 0 ? toSettingsLine(shared) : '',
  ).trimEnd();
}

function toArgumentRow(argument: Argument): readonly string[] {
  return [`\`${toArgument(argument)}\``, withChoices(argument.description, argument.argChoices)];
}

function toOptionRow({ flags, description, argChoices, defaultValue, mandatory }: Option): readonly string[] {
  const fallback = isWorthSaying(defaultValue) ? ` (default: ${[defaultValue].flat().join(' ')})` : '';
  return [`\`${flags}\`${mandatory ? ', required' : ''}`, `${withChoices(description, argChoices)}${fallback}`];
}

function isWorthSaying(value: unknown): boolean {
  return value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0);
}

function withChoices(description: string, choices: readonly string[] | undefined): string {
  return choices ? `${description} One of ${choices.map((choice) => `\`${choice}\``).join(', ')}.` : description;
}

function toSettingsLine(options: readonly Option[]): string {
  if (options.length === settingNames.length) return 'Takes every [setting](configuration.md) as a flag.';
  return `[Settings](configuration.md): ${options.map(({ long }) => `\`${long}\``).join(', ')}.`;
}
