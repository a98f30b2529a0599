/**
 * Does the work for each item, up to `lanes` at the same time. After a failure no further item is begun; rejects with it when the
 * work under way has ended.
 */
export async function inLanes<Item>(
  items: AsyncIterable<Item> | Iterable<Item>,
  lanes: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  let hasFailed = false;
  const run = async () => {
    try {
      for (let next = await iterator.next(); !next.done && !hasFailed; next = await iterator.next())
        await work(next.value);
    } catch (error) {
      hasFailed = true;
      throw error;
    }
  };
  const results = await Promise.allSettled(Array.from({ length: lanes }, run));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
