// A plain object is looked up by a text that others wrote (an id, a name, a word of a file or an address) here and
// nowhere else: `constructor` and `toString` are ids like any other, and every object has them. What is keyed by such
// texts and grows is a Map.

/** What a table says itself, not what every object inherits. */
export const own = <T>(table: Readonly<Partial<Record<string, T>>>, key: string): T | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;

/** A table that inherits nothing, for counts by such texts that JSON has to hold. */
export const bareTable = <T>(): Record<string, T> => Object.create(null) as Record<string, T>;
