import { toCliPage } from './cli-page.ts';
import { toClientTypes } from './client-types.ts';
import { toConfigurationPage } from './configuration-page.ts';
import { toErrorsPage } from './errors-page.ts';
import { toHttpPage } from './http-page.ts';
import { toModelsPage } from './models-page.ts';
import { readOpenApi } from './openapi-shapes.ts';

/** The pages and other files that are generated from the program's own tables, by their paths from the root. */
export async function createReferenceFiles(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ['docs/models.md', toModelsPage()],
    ['docs/reference/cli.md', await toCliPage()],
    ['docs/reference/configuration.md', toConfigurationPage()],
    ['docs/reference/errors.md', toErrorsPage()],
    ['docs/reference/http.md', await toHttpPage()],
    ['docs/reference/openapi.json', `${JSON.stringify(await readOpenApi(), null, 2)}\n`],
    ['packages/client/src/shapes.ts', toClientTypes()],
  ]);
}
