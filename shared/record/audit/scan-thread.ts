// A thread of scan.ts; never started by hand.
import { workerData } from 'node:worker_threads';
import { scanChunks, type SharedProgress } from './scan.ts';

scanChunks(workerData as SharedProgress);
