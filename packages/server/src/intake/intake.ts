import type { EventHub } from '../events/event-hub.ts';
import { createReceiveUpload, type ReceiveUpload, type UploadOptions } from '../media/uploads.ts';
import { type Cancel, createCancel, createWithdraw } from './cancel.ts';
import { createFind, type Find } from './find.ts';
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
  readonly requeue: Requeue;
  /** The call with `repeat` that waited for this request has its answer: nobody will make it again. */
  readonly answered: (requestId: string) => Promise<void>;
  /**
   * The client of such a call has gone without its answer: the same call joins this request from now on. With `cancel`, the request
   * is cancelled if it is still queued.
   */
  readonly left: (requestId: string, choice: { readonly cancel: boolean }) => Promise<void>;
  readonly receiveUpload: ReceiveUpload;
  /** The position of a queued request, and why it is not being processed. */
  readonly placeOf: PlaceOf;
}

export interface IntakeOptions extends SubmitOptions {
  readonly hub: Pick<EventHub, 'waitForEnd'> & QueueOptions['hub'];
  readonly queue: Omit<QueueOptions, 'hub' | 'models' | 'clock'>;
  readonly uploads: UploadOptions;
}

export function createIntake(options: IntakeOptions): Intake {
  const { store, models, hub, queue, uploads, clock } = options;
  return {
    submit: createSubmit(options),
    find: createFind(store),
    cancel: createCancel({ store, clock }),
    withdraw: createWithdraw({ store, clock }),
    wait: createWait(hub),
    requeue: createRequeue({ store, clock }),
    answered: async () => undefined,
    left: async () => undefined,
    receiveUpload: createReceiveUpload(uploads),
    placeOf: createQueueReader({ ...queue, hub, models, clock }),
  };
}
