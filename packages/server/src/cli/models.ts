import type { Command } from 'commander';
import type { Config } from '../config/load-config.ts';
import { loadTools } from './load-compose.ts';
import { addSettings, loadCommandConfig } from './settings-options.ts';
import { toTable } from './table.ts';

export function registerModels(program: Command): void {
  const command = program
    .command('models')
    .description('List the models with their sizes, ratios and prices, or ask the upstreams for them.')
    .option('--check', 'Ask each upstream which of its models it has.');
  addSettings(command).action(async ({ check = false }: { readonly check?: boolean }) => {
    const config = loadCommandConfig(command);
    await (check ? checkModels(config) : listModels(config));
  });
}

async function listModels(config: Config): Promise<void> {
  const { assertServable, composeModels } = await loadTools();
  assertServable(config);
  const rows = composeModels(config)
    .all()
    .map(({ id, limits: { imageSizes, aspectRatios }, pricingDetails, retirement, isHidden }) => [
      isHidden ? `${id} (hidden)` : id,
      imageSizes.join(' '),
      aspectRatios.join(' '),
      retirement?.on ?? '',
      pricingDetails,
    ]);
  console.log(toTable(['MODEL', 'SIZES', 'RATIOS', 'UNTIL', 'PRICES'], rows));
}

async function checkModels(config: Config): Promise<void> {
  const { askForModels, assertServable, composeModels } = await loadTools();
  assertServable(config);
  const models = composeModels(config);
  const rows: string[][] = [];
  for (const upstream of config.upstreams) {
    if (upstream.kind === 'sandbox') {
      rows.push([upstream.name, '', '', 'draws without models']);
      continue;
    }
    const served = await askForModels(upstream, { models, proxies: config.proxies }).catch((error: unknown) => [
      { upstreamId: '', ids: [], lack: error instanceof Error ? error.message : String(error) },
    ]);
    for (const { upstreamId, ids, lack } of served) {
      rows.push([upstream.name, upstreamId, ids.join(' '), lack ?? 'there']);
      if (lack !== undefined) process.exitCode = 1;
    }
  }
  console.log(toTable(['UPSTREAM', 'ITS MODEL', 'CALLED', 'ANSWER'], rows));
}
