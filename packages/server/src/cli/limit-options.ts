import { groupDigits, type LimitName } from '@darkroom/protocol';
import { type Command, InvalidArgumentError, Option } from 'commander';

/** The limits that a command sets; `null` removes one. */
export type GivenLimits = Partial<Record<LimitName, number | null>>;

/** Adds `--limit NAME=VALUE`, which may come several times. The server or the store knows which limits there are. */
export function addLimitOption(command: Command): Command {
  const option = new Option(
    '--limit <name=value>',
    'A limit of its own, e.g. stored_bytes=5000000000; "none" removes it. Repeat the option for several.',
  );
  return command.addOption(option.argParser(addLimit));
}

function addLimit(text: string, limits: GivenLimits = {}): GivenLimits {
  const [, name, value] = /^(\w+)=(\d+|none)$/.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError('It must be a name and a whole number, e.g. open_streams=50.');
  // Whoever gets the limits checks their names.
  return { ...limits, [name]: value === 'none' ? null : Number(value) } as GivenLimits;
}

/** `stored_bytes=5,000 open_streams=50` */
export function toLimitsCell(limits: Readonly<Partial<Record<LimitName, number | null | undefined>>>): string {
  return Object.entries(limits)
    .flatMap(([name, value]) => (value == null ? [] : [`${name}=${groupDigits(value)}`]))
    .join(' ');
}
