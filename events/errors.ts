// Every error thrown on purpose is a DaochaError: a stable `type` (the last part of the problem+json type URI),
// the HTTP status it answers with, and, where one field is wrong, its name and what would be right.
// Anything else that is thrown is a defect or an outage and answers as 500 or 503.

export interface ErrorDetails {
  /** Name of the wrong field, as the caller wrote it: `due`, `answers[2].clause`. */
  field?: string;
  /** What would have been right, in words. */
  expected?: string;
  /** Further machine-readable facts for the answer. */
  facts?: Record<string, unknown>;
  cause?: unknown;
}

/** Base of all errors thrown on purpose. */
export class DaochaError extends Error {
  readonly type: string;
  readonly status: number;
  readonly field: string | undefined;
  readonly expected: string | undefined;
  readonly facts: Record<string, unknown>;

  constructor(type: string, status: number, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.type = type;
    this.status = status;
    this.field = details.field;
    this.expected = details.expected;
    this.facts = details.facts ?? {};
  }
}

/** The input cannot be understood or breaks a rule that holds whatever the state: 400. */
export class InvalidInput extends DaochaError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('invalid-input', 400, message, details);
  }
}

/** A rule of the domain forbids it in the present state: 422, with a type of its own for each rule. */
export class RuleViolated extends DaochaError {
  constructor(type: string, message: string, details: ErrorDetails = {}) {
    super(type, 422, message, details);
  }
}

/** The thing named does not exist: 404 (`unknown-unit`, `unknown-hazard` …). */
export class NotFound extends DaochaError {
  constructor(type: string, message: string, details: ErrorDetails = {}) {
    super(type, 404, message, details);
  }
}

/** Known caller, but not allowed: 403 (`forbidden`, `foreign-organisation`). */
export class Forbidden extends DaochaError {
  constructor(type: string, message: string, details: ErrorDetails = {}) {
    super(type, 403, message, details);
  }
}

/** Others wrote first, again and again: 409. The command can be sent again as it is. */
export class Conflict extends DaochaError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('conflict', 409, message, details);
  }
}

/** Over a size limit of the store, found out before anything was written: 413. */
export class TooLarge extends DaochaError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('too-large', 413, message, details);
  }
}
