/** Reading condition values: numbers, instants, address ranges, all exact. undefined: no such value. */

/** A decimal number, with sign, fraction and exponent, as `n` or `n/d` (row 49). */
export function readNumber(text: string): string | undefined {
  const found = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,4}))?$/.exec(text.trim());
  if (!found) return undefined;
  const fraction = found[3] ?? '';
  const exponent = Number(found[4] ?? '0') - fraction.length;
  if (Math.abs(exponent) > 1000) return undefined;
  const digits = BigInt(found[2]! + fraction) * (found[1] === '-' ? -1n : 1n);
  if (exponent >= 0) return String(digits * 10n ** BigInt(exponent));
  let denominator = 10n ** BigInt(-exponent);
  let numerator = digits;
  for (const prime of [2n, 5n]) {
    while (numerator % prime === 0n && denominator % prime === 0n && denominator > 1n) {
      numerator /= prime;
      denominator /= prime;
    }
  }
  return denominator === 1n ? String(numerator) : `${numerator}/${denominator}`;
}

/** An ISO 8601 date or time, or seconds since 1970, as seconds since 1970 (row 50). Without a zone: UTC. */
export function readInstant(text: string): string | undefined {
  const trimmed = text.trim();
  if (/^[+-]?\d{5,}(\.\d+)?$/.test(trimmed)) return readNumber(trimmed);
  const found =
    /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(Z|z|[+-]\d{2}:?\d{2})?)?)?)?$/.exec(
      trimmed,
    );
  if (!found) return undefined;
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map((i) =>
    Number(found[i] ?? (i === 2 || i === 3 ? '1' : '0')),
  ) as [number, number, number, number, number, number];
  if (month < 1 || month > 12 || day < 1 || hour > 24 || minute > 59 || second > 60) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1) return undefined;
  let seconds = BigInt(date.getTime() / 1000) + BigInt(hour * 3600 + minute * 60 + second);
  const zone = found[8];
  if (zone && zone.toUpperCase() !== 'Z') {
    const offset = BigInt(zone.slice(1, 3)) * 3600n + BigInt(zone.slice(-2)) * 60n;
    seconds += zone[0] === '-' ? offset : -offset;
  }
  const fraction = found[7];
  if (!fraction) return String(seconds);
  const scale = 10n ** BigInt(fraction.length);
  return readNumber(`${seconds * scale + BigInt(fraction)}e-${fraction.length}`);
}

export interface AddressRange {
  readonly family: 4 | 6;
  readonly low: bigint;
  readonly high: bigint;
  readonly prefixBits: number;
}

/** An IPv4 or IPv6 address or CIDR range; bits after the prefix are ignored. */
export function readAddressRange(text: string): AddressRange | undefined {
  const [addressText, prefixText, more] = text.trim().split('/');
  if (more !== undefined || addressText === undefined) return undefined;
  const address = readAddress(addressText);
  if (!address) return undefined;
  const width = address.family === 4 ? 32 : 128;
  if (prefixText !== undefined && !/^\d{1,3}$/.test(prefixText)) return undefined;
  const prefixBits = prefixText === undefined ? width : Number(prefixText);
  if (prefixBits > width) return undefined;
  const rest = (1n << BigInt(width - prefixBits)) - 1n;
  const low = address.value & ~rest;
  return { family: address.family, low, high: low | rest, prefixBits };
}

export function readAddress(text: string): { family: 4 | 6; value: bigint } | undefined {
  const four = readFour(text);
  if (four !== undefined) return { family: 4, value: four };
  if (!text.includes(':') || !/^[0-9a-fA-F:.]+$/.test(text)) return undefined;
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const groupsOf = (half: string): bigint[] | undefined => {
    if (half === '') return [];
    const out: bigint[] = [];
    const pieces = half.split(':');
    for (const [i, piece] of pieces.entries()) {
      if (piece.includes('.')) {
        const tail = i === pieces.length - 1 ? readFour(piece) : undefined;
        if (tail === undefined) return undefined;
        out.push(tail >> 16n, tail & 0xffffn);
      } else if (/^[0-9a-fA-F]{1,4}$/.test(piece)) out.push(BigInt(`0x${piece}`));
      else return undefined;
    }
    return out;
  };
  const front = groupsOf(halves[0]!);
  const back = halves.length === 2 ? groupsOf(halves[1]!) : [];
  if (!front || !back) return undefined;
  const missing = 8 - front.length - back.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...front, ...Array<bigint>(halves.length === 2 ? missing : 0).fill(0n), ...back];
  return { family: 6, value: groups.reduce((a, g) => (a << 16n) | g, 0n) };
}

function readFour(text: string): bigint | undefined {
  const found = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (!found) return undefined;
  let value = 0n;
  for (let i = 1; i <= 4; i++) {
    const part = Number(found[i]);
    if (part > 255) return undefined;
    value = (value << 8n) | BigInt(part);
  }
  return value;
}

export function writeAddress(family: 4 | 6, value: bigint): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => ((value >> BigInt(112 - 16 * i)) & 0xffffn).toString(16));
  let best = { at: -1, length: 1 };
  for (let i = 0; i < 8; i++) {
    let j = i;
    while (j < 8 && groups[j] === '0') j++;
    if (j - i > best.length) best = { at: i, length: j - i };
  }
  if (best.at < 0) return groups.join(':');
  return `${groups.slice(0, best.at).join(':')}::${groups.slice(best.at + best.length).join(':')}`;
}
