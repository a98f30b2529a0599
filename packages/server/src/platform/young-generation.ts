import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** V8 makes steps from 1 to 4 MB and then to 8. */
const enoughBytes = 3 * 1024 * 1024;

/**
 * Lets V8's young generation grow to about 4 MB, once work needs that, and no further (decision 0008). It looks after each garbage
 * collection, since V8 reads its own limit only when the process starts.
 */
export function holdYoungGeneration(): void {
  let mayGrow = false;
  const observer = new PerformanceObserver(() => {
    const isSmall = toYoungBytes() < enoughBytes;
    if (isSmall === mayGrow) return;
    mayGrow = isSmall;
    setFlagsFromString(`--semi-space-growth-factor=${mayGrow ? 2 : 1}`);
  });
  observer.observe({ entryTypes: ['gc'] });
}

function toYoungBytes(): number {
  const space = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space');
  return space === undefined ? 0 : space.space_used_size + space.space_available_size;
}
