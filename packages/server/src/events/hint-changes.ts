import type { RequestStore } from '../store/request-store.ts';
import type { Notifier } from './notifier.ts';

/** Wraps a store so that it hints after every write that may have made the history grow. */
export function hintChanges(store: RequestStore, notifier: Pick<Notifier, 'hintChanged'>): RequestStore {
  const hinting = <Given extends readonly unknown[], Result>(
    write: (...given: Given) => Promise<Result>,
    hasChanged: (result: Result) => boolean = () => true,
  ) => {
    return async (...given: Given): Promise<Result> => {
      const result = await write(...given);
      if (hasChanged(result)) notifier.hintChanged();
      return result;
    };
  };
  const hasSome = ({ length }: readonly unknown[]) => length > 0;
  return {
    ...store,
    submit: hinting(store.submit, ({ kind }) => kind === 'submitted'),
    claim: hinting(store.claim, ({ claims }) => hasSome(claims)),
    beginCalls: hinting(store.beginCalls),
    endCalls: hinting(store.endCalls),
    settle: hinting(store.settle),
    rescue: hinting(store.rescue, hasSome),
    expire: hinting(store.expire, hasSome),
    cancel: hinting(store.cancel),
    requeue: hinting(store.requeue, hasSome),
  };
}
