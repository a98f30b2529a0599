import type { Config } from '../config/load-config.ts';
import { type ExaminedPictures, type ExamineOptions, examinePictures } from '../media/examine-pictures.ts';
import type { Logger } from '../platform/logger.ts';
import { assertAdmitted } from './admit-upstreams.ts';
import { composeModels } from './catalogue.ts';
import { type CheckedUpstream, checkUpstream } from './check-upstream.ts';
import { type EndingModel, findEnding } from './ending-models.ts';
import { openMedia } from './storage.ts';
import { openStore } from './store.ts';
import { assertServable, findUnserved } from './upstreams.ts';

/** What can be examined without a server: each resolves to a sentence about what is well, or rejects with one. */
export interface Checks {
  readonly store: () => Promise<string>;
  readonly media: () => Promise<string>;
  /** Looks whether the storage has the pictures that rows name, `most` of them at most. */
  readonly pictures: (options: Pick<ExamineOptions, 'most' | 'onProgress'>) => Promise<ExaminedPictures>;
  /** The ids of the models that no upstream serves. */
  readonly unservedModels: () => readonly string[];
  /** The models of accounts that have ended, or will soon. */
  readonly endingModels: (now: number) => readonly EndingModel[];
  /** By the upstreams' names. */
  readonly upstreams: ReadonlyMap<string, () => Promise<CheckedUpstream>>;
}

/** Throws a `ConfigError` when upstreams are of providers, or serve models, that do not exist. */
export function composeChecks(config: Config, logger: Logger): Checks {
  assertServable(config);
  const models = composeModels(config);
  return {
    store: async () => {
      const store = await openStore(config, logger);
      await store.requests.check().finally(() => store.close());
      return config.databaseUrl === undefined ? 'the database answers' : 'PostgreSQL answers';
    },
    media: async () => {
      await openMedia(config).check();
      return 'pictures can be stored';
    },
    pictures: async (options) => {
      const store = await openStore(config, logger);
      const examining = examinePictures({
        ...options,
        readsBytes: false,
        store: store.requests,
        media: openMedia(config),
      });
      return examining.finally(() => store.close());
    },
    unservedModels: () => findUnserved(config, models),
    endingModels: (now) => findEnding(config, { models, now }),
    upstreams: new Map(
      config.upstreams.map((upstream) => [
        upstream.name,
        async () => {
          if (upstream.kind === 'sandbox') await checkAdmission(config, logger);
          return checkUpstream(upstream, { models, proxies: config.proxies });
        },
      ]),
    ),
  };
}

async function checkAdmission(config: Config, logger: Logger): Promise<void> {
  const store = await openStore(config, logger);
  await assertAdmitted(config, store.upstreams).finally(() => store.close());
}
