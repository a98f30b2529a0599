/** Where things are in a staged package. */

/** The folder of the JavaScript. All of it is in this folder itself. */
export const built = 'dist';

/** The folder of the declarations, with a folder for each workspace. */
export const types = `${built}/types`;

/** The folder of the built pages that the server serves, with a folder for each workspace. */
export const pages = 'pages';

/** `./src/node.ts` and `./bin/darkroom.js` are built as `./dist/node.js` and `./dist/darkroom.js`. */
export function toBuiltFile(source: string, extension: 'js' | 'cjs'): string {
  return `./${built}/${toEntryName(source)}.${extension}`;
}

/** The name of an entry: its file without folder and extension. */
export function toEntryName(source: string): string {
  return source.replace(/^.*\//, '').replace(/\.[jt]s$/, '');
}

/** The place in `types` of a source's declarations: `client/index.d.ts` for `client/src/index.ts`. */
export function toDeclaration(source: string, extension: 'js' | 'cjs'): string {
  return source.replace('/src/', '/').replace(/\.ts$/, extension === 'cjs' ? '.d.cts' : '.d.ts');
}
