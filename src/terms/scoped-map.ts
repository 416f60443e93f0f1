/** A map with scopes: what is set after `push` is forgotten by `pop`, as declarations in an SMT-LIB script are. */
export class ScopedMap<K, V> {
  readonly #map = new Map<K, V>();
  readonly #trail: K[] = [];
  readonly #marks: number[] = [];

  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  has(key: K): boolean {
    return this.#map.has(key);
  }

  /** requires: the key is not set. */
  set(key: K, value: V): void {
    this.#map.set(key, value);
    this.#trail.push(key);
  }

  keys(): IterableIterator<K> {
    return this.#map.keys();
  }

  push(): void {
    this.#marks.push(this.#trail.length);
  }

  pop(): void {
    const mark = this.#marks.pop()!;
    while (this.#trail.length > mark) this.#map.delete(this.#trail.pop()!);
  }
}
