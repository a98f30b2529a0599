/** The package has no types of its own. */
declare module 'parse-prometheus-text-format' {
  export interface ParsedFamily {
    readonly name: string;
    readonly help: string;
    readonly type: string;
  }
  // biome-ignore lint/style/noDefaultExport: The package exports it in this way.
  export default function parse(text: string): readonly ParsedFamily[];
}
