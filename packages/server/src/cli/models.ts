import type { Command } from 'commander';
import { listModels } from '../core/catalogue.ts';
import { toTable } from './table.ts';

export function registerModels(program: Command): void {
  program
    .command('models')
    .description('List the models with their sizes, ratios and prices.')
    .action(() => {
      const rows = listModels().map(({ id, imageSizes, aspectRatios, pricingDetails }) => [
        id,
        imageSizes.join(' '),
        aspectRatios.join(' '),
        pricingDetails,
      ]);
      console.log(toTable(['MODEL', 'SIZES', 'RATIOS', 'PRICES'], rows));
    });
}
