import { registerHooks } from 'node:module';

/**
 * Loaded before `darkroom` (`--import`) in the processes of tests: the sandbox's pictures are plain areas of the ordered size.
 * The real artist takes ten times as long and draws in the tests that look at pictures. JavaScript, because Node would need a
 * tenth of a second more to start when it strips types here.
 */
const artist = new URL('./plain-artist.ts', import.meta.url).href;

registerHooks({
  resolve: (name, context, resolveNext) =>
    name === '@darkroom/illustrator' ? { url: artist, shortCircuit: true } : resolveNext(name, context),
});
