import { parentPort, workerData } from 'node:worker_threads';
import type { LshSearch } from './lsh-search.js';
import { runTask, type SearchTask } from './search-task.js';

parentPort?.on('message', (task: SearchTask) => {
  const work = runTask(workerData as LshSearch, task); // the search gives it
  let step = work.next();
  while (step.done !== true) step = work.next();
  parentPort?.postMessage(step.value);
});
