import { attackWithEndpoints } from './attacks/endpoints.ts';
import { attackWithStalledReaders, attackWithStreams } from './attacks/lines.ts';
import { attackWithLists, attackWithPayloads } from './attacks/payloads.ts';
import { attackWithReferences, attackWithThumbnails, createHugePng, upload } from './attacks/pictures.ts';
import { attackWithUploads } from './attacks/uploads.ts';
import type { Answers, Attack, Target } from './target.ts';

/**
 * A child of the siege: everything that one key can do to hurt all others, at once. Its target is its first argument,
 * as JSON.
 */

export type BesiegerReport = Readonly<Record<string, Answers>>;

// Without the parent, nothing would end it early.
process.on('disconnect', () => process.exit(1));

const seconds = Number(process.argv[3]);
const prepared: Omit<Target, 'endsAt'> = JSON.parse(process.argv[2] ?? '');
// Compressing the future gigabyte takes a moment, which does not count.
const huge = await createHugePng(9_990);
process.send?.('ready');
const pictureUrl = await upload({ ...prepared, endsAt: Number.POSITIVE_INFINITY }, huge);
const target: Target = { ...prepared, endsAt: Date.now() + seconds * 1_000 };

const attacks: Readonly<Record<string, Attack>> = {
  payloads: attackWithPayloads,
  lists: attackWithLists,
  uploads: attackWithUploads,
  streams: attackWithStreams,
  thumbnails: attackWithThumbnails(pictureUrl),
  references: attackWithReferences(pictureUrl),
  endpoints: attackWithEndpoints,
  'stalled readers': attackWithStalledReaders(pictureUrl),
};

const report = await Promise.all(
  Object.entries(attacks).map(async ([name, attack]) => {
    const answers: Answers = {};
    await attack(target, answers);
    return [name, answers] as const;
  }),
);
process.send?.(Object.fromEntries(report) satisfies BesiegerReport, () => process.exit(0));
