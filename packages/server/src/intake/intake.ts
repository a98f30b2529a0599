import type { EventHub } from '../events/event-hub.ts';
import {
  createFindUpload,
  createReceiveUpload,
  type FindUpload,
  type ReceiveUpload,
  type UploadOptions,
} from '../media/uploads.ts';
import type { OpenCallStore } from '../store/open-call-store.ts';
import { type AnswersOf, createAnswersOf } from './answers.ts';
import { type Cancel, createCancel, createWithdraw, type Withdraw } from './cancel.ts';
import { createDeletions, type DeletionOptions, type Deletions } from './delete.ts';
import { createFind, type Find } from './find.ts';
import { type Answered, createAnswered, createLeft, type Left } from './open-calls.ts';
import { createQueueReader, type PlaceOf, type QueueOptions } from './queue-reader.ts';
import { createRequeue, type Requeue } from './requeue.ts';
import { createSubmit, type Submit, type SubmitOptions } from './submit.ts';
import { createWait, type Wait } from './wait.ts';

/**
 * The use cases that all wires share. They know no HTTP: they take plain values, and return values or reject with a `Problem`,
 * which a wire writes in its own format.
 */
export interface Intake extends Deletions {
  readonly submit: Submit;
  readonly find: Find;
  readonly cancel: Cancel;
  readonly withdraw: Withdraw;
  readonly wait: Wait;
  readonly answersOf: AnswersOf;
  readonly requeue: Requeue;
  readonly answered: Answered;
  readonly left: Left;
  readonly receiveUpload: ReceiveUpload;
  readonly findUpload: FindUpload;
  /** The position of a queued request, and why it is not being processed. */
  readonly placeOf: PlaceOf;
}

export interface IntakeOptions extends Omit<SubmitOptions, 'pool'> {
  readonly openCalls: Pick<OpenCallStore, 'join' | 'end' | 'leave'>;
  readonly hub: Pick<EventHub, 'waitForEnd'> & QueueOptions['hub'];
  readonly queue: Omit<QueueOptions, 'hub' | 'models' | 'clock'>;
  readonly uploads: UploadOptions;
  readonly deletions: Omit<DeletionOptions, 'store' | 'removals' | 'clock'>;
}

export function createIntake(options: IntakeOptions): Intake {
  const { store, removals, models, hub, queue, uploads, deletions: deleting, clock } = options;
  const deletions = createDeletions({ ...deleting, store, removals, clock });
  return {
    submit: createSubmit({ ...options, pool: options.queue.pool }),
    ...deletions,
    find: createFind({ store, removals }),
    cancel: createCancel({ store, removals, clock }),
    withdraw: createWithdraw({ store, removals, clock, ...deletions }),
    wait: createWait({ hub, removals }),
    answersOf: createAnswersOf(store),
    requeue: createRequeue({ store, clock }),
    answered: createAnswered(options),
    left: createLeft(options),
    receiveUpload: createReceiveUpload(uploads),
    findUpload: createFindUpload(uploads),
    placeOf: createQueueReader({ ...queue, hub, models, clock }),
  };
}
