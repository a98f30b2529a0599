import packageJson from '../../package.json' with { type: 'json' };

/** Was this Darkroom installed from a registry? Otherwise it runs in a checkout of its sources. */
export const isInstalled = import.meta.url.includes('/node_modules/');

/** The words that run `darkroom` here, for texts that say what to type. */
export const commandWords = isInstalled ? `npx ${packageJson.name}` : 'npx darkroom';
