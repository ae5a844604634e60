// What every part of the log needs, and the keys of the LOG table. Positions and versions are zero-padded in sort keys,
// so that the order of the keys is the order of the numbers; the widths are fixed for ever.
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { CommitKey } from '../store/commit.ts';
import type { Backoff } from './batch.ts';

export type { CommitKey };

export interface LogDeps {
  dynamo: DynamoDBClient;
  /** name of the EVENTS table */
  events: string;
  /** name of the LOG table */
  log: string;
  /** one log per tenant (a town) */
  tenant: string;
  now: () => Date;
  /** waits before attempt n (1, 2 …) of something that others are in the way of; a default is exponential with jitter */
  backoff?: Backoff;
}

const POSITION_DIGITS = 12;
const VERSION_DIGITS = 10;

export const positionKey = (position: number): string => String(position).padStart(POSITION_DIGITS, '0');
export const versionKey = (version: number): string => String(version).padStart(VERSION_DIGITS, '0');

export const headPartition = (tenant: string): string => `${tenant}#head`;
export const HEAD = 'head';
export const pagePartition = (tenant: string): string => `${tenant}#page`;
export const indexPartition = (tenant: string, stream: string): string => `${tenant}#at#${stream}`;
export const followerPartition = (tenant: string): string => `${tenant}#follower`;
/** How far has come what is done piece by piece (marker.ts). */
export const markerPartition = (tenant: string): string => `${tenant}#marker`;
/** Commits whose own time is not the log's (log-time.ts). */
export const backDatedPartition = (tenant: string): string => `${tenant}#back-dated`;
export const quarantinePartition = (tenant: string): string => `${tenant}#quarantine`;
/** Signed checkpoints by size, and the latest once more under LATEST (shared/record/seal/checkpoints.ts). */
export const checkpointPartition = (tenant: string): string => `${tenant}#checkpoint`;
export const LATEST = 'latest';
/** Full tiles of the tree, and their roots (shared/record/seal/tiles.ts). */
export const tilePartition = (tenant: string): string => `${tenant}#tile`;
/** `0/000000000012`: the sort key of a full tile; with `root/` before it, that of its root. */
export const tileKey = (level: number, index: number): string => `${level}/${positionKey(index)}`;
export const rootKey = (level: number, index: number): string => `root/${tileKey(level, index)}`;
/** Full blocks of the verifiable index (shared/record/index/stored.ts). */
export const mapPartition = (tenant: string): string => `${tenant}#index`;
/** What others say of checkpoints, and what is on its way to write-once storage (shared/record/attest/). */
export const cosignaturePartition = (tenant: string): string => `${tenant}#cosignature`;
export const timeStampPartition = (tenant: string): string => `${tenant}#timestamp`;
export const toArchivePartition = (tenant: string): string => `${tenant}#to-archive`;
export const attestPartition = (tenant: string): string => `${tenant}#attest`;

/** `liantang#hazard#h_1@3`: a commit as text, for maps and messages. */
export const commitId = ({ stream, version }: CommitKey): string => `${stream}@${version}`;
