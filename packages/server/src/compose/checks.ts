import type { Config } from '../config/load-config.ts';
import { type ExaminedPictures, type ExamineOptions, examinePictures } from '../media/examine-pictures.ts';
import type { Logger } from '../platform/logger.ts';
import { assertAdmitted } from './admit-upstreams.ts';
import { openMedia } from './storage.ts';
import { openStore } from './store.ts';
import { assertServable, checkUpstream, findUnserved } from './upstreams.ts';

/** What can be examined without a server: each resolves to a sentence about what is well, or rejects with one. */
export interface Checks {
  readonly store: () => Promise<string>;
  readonly media: () => Promise<string>;
  /** Looks whether the storage has the pictures that rows name, `most` of them at most. */
  readonly pictures: (options: Pick<ExamineOptions, 'most' | 'onProgress'>) => Promise<ExaminedPictures>;
  /** The ids of the models that no upstream serves. */
  readonly unservedModels: () => readonly string[];
  /** By the upstreams' names. */
  readonly upstreams: ReadonlyMap<string, () => Promise<string>>;
}

/** Throws a `ConfigError` when upstreams are of providers, or serve models, that do not exist. */
export function composeChecks(config: Config, logger: Logger): Checks {
  assertServable(config);
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
      const examining = examinePictures({ ...options, store: store.requests, media: openMedia(config) });
      return examining.finally(() => store.close());
    },
    unservedModels: () => findUnserved(config),
    upstreams: new Map(
      config.upstreams.map((upstream) => [
        upstream.name,
        async () => {
          if (upstream.kind === 'sandbox') await checkAdmission(config, logger);
          return checkUpstream(upstream);
        },
      ]),
    ),
  };
}

async function checkAdmission(config: Config, logger: Logger): Promise<void> {
  const store = await openStore(config, logger);
  await assertAdmitted(config, store.upstreams).finally(() => store.close());
}
