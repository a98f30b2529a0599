import { type OutputChunk, type Plugin, rolldown } from 'rolldown';
import { isApart } from './apart.ts';

export interface Bundle {
  readonly chunks: readonly OutputChunk[];
  /** The absolute paths of the files that it was made of. */
  readonly files: readonly string[];
}

/**
 * Puts programs into a few files, with the packages that every start loads. A server then starts on half of the processor time, because
 * Node spends most of it on finding, reading and linking more than a thousand files.
 *
 * @param programs The file of each program, by the name of the built one.
 */
export async function bundlePrograms(
  programs: Readonly<Record<string, string>>,
  plugins: readonly Plugin[] = [],
): Promise<Bundle> {
  const bundled = await rolldown({
    input: { ...programs },
    external: isApart,
    platform: 'node',
    plugins: [...plugins],
    onLog: (level, { message }) => {
      if (level === 'warn') throw new Error(message);
    },
  });
  const { output } = await bundled.generate({ format: 'esm', entryFileNames: '[name].js' });
  const files = await bundled.watchFiles;
  await bundled.close();
  return { chunks: output.filter((file) => file.type === 'chunk'), files };
}
