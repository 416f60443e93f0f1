/**
 * An immutable map. Versions of one map share one table ([Baker-1978], shallow binding), as those of `ArrayValue` do: the
 * version used last holds the table, every other one holds the one entry in which it differs from a neighbour. A program
 * that adds to its newest version pays for one entry; going back to an old version costs the number of changes in between.
 */
export class VersionedMap<K, V> {
  #table: Map<K, V> | undefined = new Map();
  /** Changes since the table was made or copied. */
  #age = 0;
  #nearer: { readonly version: VersionedMap<K, V>; readonly key: K; readonly value: V | undefined } | undefined;

  get size(): number {
    return this.#own().size;
  }

  get(key: K): V | undefined {
    return this.#own().get(key);
  }

  keys(): readonly K[] {
    return [...this.#own().keys()];
  }

  /** The map with one more entry, or another value for a key. */
  with(key: K, value: V): VersionedMap<K, V> {
    const table = this.#own();
    const old = table.get(key);
    if (old === value) return this;
    const next = new VersionedMap<K, V>();
    if (this.#age >= Math.max(shortestSharing, table.size)) {
      this.#age = 0;
      next.#table = new Map(table);
    } else {
      next.#age = this.#age + 1;
      next.#table = table;
      this.#table = undefined;
      this.#nearer = { version: next, key, value: old };
    }
    next.#table.set(key, value);
    return next;
  }

  /** Brings the table to this version. */
  #own(): Map<K, V> {
    if (this.#table) return this.#table;
    const path: VersionedMap<K, V>[] = [];
    let holder: VersionedMap<K, V> = this;
    while (!holder.#table) {
      path.push(holder);
      holder = holder.#nearer!.version;
    }
    const table = holder.#table;
    for (let version = path.pop(); version; version = path.pop()) {
      const { key, value } = version.#nearer!;
      holder.#nearer = { version, key, value: table.get(key) };
      holder.#table = undefined;
      if (value === undefined) table.delete(key);
      else table.set(key, value);
      version.#table = table;
      version.#age = holder.#age;
      version.#nearer = undefined;
      holder = version;
    }
    return table;
  }
}

/** Changes before a small table is copied. */
const shortestSharing = 32;
