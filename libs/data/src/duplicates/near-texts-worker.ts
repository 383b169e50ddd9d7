import { parentPort, workerData } from 'node:worker_threads';
import type { LshSearch } from './lsh-search.js';
import { runTask, type SearchTask } from './search-task.js';

parentPort?.on('message', (task: SearchTask) => {
  parentPort?.postMessage(runTask(workerData as LshSearch, task)); // the search gives it
});
