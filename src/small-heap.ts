import { setFlagsFromString } from 'node:v8';

/**
 * Has memory collected before the heap is half as large again as what is in use. By itself V8 lets it grow to four times
 * of that, and a plan of thousands of services works on worlds that are soon gone. A V8 that does not know the flag says
 * so on standard error, and nothing else changes.
 * Source: v8 src/heap/memory-controller.cc, MemoryController::GrowingFactor.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=50');
}
