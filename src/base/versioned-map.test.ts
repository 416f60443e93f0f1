import fc from 'fast-check';
import { expect, it } from 'vitest';
import { VersionedMap } from './versioned-map.ts';

it('every version keeps its entries, in whatever order versions are made and read', () => {
  const step = fc.record({ from: fc.nat(200), key: fc.nat(12), value: fc.nat(5) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), fc.array(fc.nat(200), { maxLength: 60 }), (steps, reads) => {
      const versions: VersionedMap<number, number>[] = [new VersionedMap()];
      const models: ReadonlyMap<number, number>[] = [new Map()];
      for (const { from, key, value } of steps) {
        const i = from % versions.length;
        versions.push(versions[i]!.with(key, value));
        models.push(new Map([...models[i]!, [key, value]]));
      }
      for (const read of [...reads, ...versions.keys()]) {
        const i = read % versions.length;
        expect(versions[i]!.size).toBe(models[i]!.size);
        for (let key = 0; key <= 12; key++) expect(versions[i]!.get(key)).toBe(models[i]!.get(key));
      }
    }),
  );
});
