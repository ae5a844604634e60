// Whom a body names. `system:` stands for the platform itself and for other systems: no person of such a name approves,
// inspects or is appointed.
import { isSystem } from '../../events/envelope.ts';
import { InvalidInput } from '../../events/errors.ts';
import { fieldName } from '../../shared/json.ts';

/** The fields of commands that name people. A test compares them with the schemas of all routes. */
export const NAMING = new Set(['person', 'inspectors', 'by']);

/** @throws InvalidInput naming the field */
export function requirePeople(body: unknown): void {
  walk(body, [], false);
}

function walk(value: unknown, path: readonly PropertyKey[], naming: boolean): void {
  if (typeof value === 'string') {
    if (!naming || !isSystem(value.trim())) return;
    const field = fieldName(path);
    throw new InvalidInput(`${field}: "system:" stands for the platform itself`, {
      field,
      expected: 'the reference of a person, which does not begin with "system:"',
    });
  }
  if (Array.isArray(value)) {
    for (const [n, one] of value.entries()) walk(one, [...path, n], naming);
  } else if (typeof value === 'object' && value !== null) {
    // of a correction: which field, and what it should have been
    const { field } = value as { field?: unknown };
    for (const [name, one] of Object.entries(value)) {
      walk(one, [...path, name], NAMING.has(name) || (name === 'to' && typeof field === 'string' && NAMING.has(field)));
    }
  }
}
