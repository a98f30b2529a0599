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
import { type Cancel, createCancel, createWithdraw } from './cancel.ts';
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
export interface Intake {
  readonly submit: Submit;
  readonly find: Find;
  readonly cancel: Cancel;
  readonly withdraw: Cancel;
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
}

export function createIntake(options: IntakeOptions): Intake {
  const { store, models, hub, queue, uploads, clock } = options;
  return {
    submit: createSubmit({ ...options, pool: options.queue.pool }),
    find: createFind(store),
    cancel: createCancel({ store, clock }),
    withdraw: createWithdraw({ store, clock }),
    wait: createWait(hub),
    answersOf: createAnswersOf(store),
    requeue: createRequeue({ store, clock }),
    answered: createAnswered(options),
    left: createLeft(options),
    receiveUpload: createReceiveUpload(uploads),
    findUpload: createFindUpload(uploads),
    placeOf: createQueueReader({ ...queue, hub, models, clock }),
  };
}
