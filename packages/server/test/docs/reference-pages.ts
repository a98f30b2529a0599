import { toCliPage } from './cli-page.ts';
import { toConfigurationPage } from './configuration-page.ts';
import { toErrorsPage } from './errors-page.ts';
import { toHttpPage } from './http-page.ts';
import { toModelsPage } from './models-page.ts';

/** The pages that are generated from the program's own tables, by their paths from the root. */
export function createReferencePages(): ReadonlyMap<string, string> {
  return new Map([
    ['docs/models.md', toModelsPage()],
    ['docs/reference/cli.md', toCliPage()],
    ['docs/reference/configuration.md', toConfigurationPage()],
    ['docs/reference/errors.md', toErrorsPage()],
    ['docs/reference/http.md', toHttpPage()],
  ]);
}
