// What is known of a request in progress, for the line that its function writes when it has answered.
import { randomUUID } from 'node:crypto';

/** What the request log wants to know; the application fills it in on the way. */
export interface RequestRecord {
  correlation: string;
  route?: string;
  person?: string;
}

/** Tells the operators of a failure that nobody expected. */
export type Report = (message: string, error: unknown, facts: Record<string, unknown>) => void;

const CORRELATION = /^[\x21-\x7e]{1,128}$/;

/** The correlation id that a client sent, if it is usable. */
export function correlationFrom(header: string | undefined | null): string {
  return header && CORRELATION.test(header) ? header : randomUUID();
}
