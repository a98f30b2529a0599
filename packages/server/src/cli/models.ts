import type { Command } from 'commander';
import { loadTools } from './load-compose.ts';
import { toTable } from './table.ts';

export function registerModels(program: Command): void {
  program
    .command('models')
    .description('List the models with their sizes, ratios and prices.')
    .action(async () => {
      const { composeModels } = await loadTools();
      const models = composeModels().list();
      const rows = models.map(({ id, limits: { imageSizes, aspectRatios }, pricingDetails }) => [
        id,
        imageSizes.join(' '),
        aspectRatios.join(' '),
        pricingDetails,
      ]);
      console.log(toTable(['MODEL', 'SIZES', 'RATIOS', 'PRICES'], rows));
    });
}
