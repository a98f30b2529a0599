import { createCssVariablesTheme } from 'shiki';

/** Code takes its colours from the variables of `house.css`, so one rendering serves the dark and the light page. */
export const codeColors = createCssVariablesTheme({ name: 'darkroom', variablePrefix: '--code-' });
