/** Does `work` for each item, for at most `limit` at the same time. The items are asked for one after the other. */
export async function inParallel<T>(
  items: AsyncIterable<T>,
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const source = items[Symbol.asyncIterator]();
  let isOver = false;
  const lane = async () => {
    while (!isOver) {
      const { value, done } = await source.next();
      if (done) return;
      await work(value);
    }
  };
  const lanes = Array.from({ length: limit }, async () => {
    try {
      await lane();
    } finally {
      // One that failed ends the others.
      isOver = true;
    }
  });
  const settled = await Promise.allSettled(lanes);
  await source.return?.();
  const failure = settled.find((result) => result.status === 'rejected');
  if (failure) throw failure.reason;
}
