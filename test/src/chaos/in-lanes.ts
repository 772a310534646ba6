/** Does `count` things, a few at a time: each lane takes the next one when it is through with its last. */
export async function inLanes<T>(
  count: number,
  lanes: number,
  task: (index: number, lane: number) => Promise<T>,
): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const lane = async (number: number) => {
    for (let index = next++; index < count; index = next++) results[index] = await task(index, number);
  };
  await Promise.all(Array.from({ length: Math.min(lanes, count) }, (_, number) => lane(number)));
  return results;
}
