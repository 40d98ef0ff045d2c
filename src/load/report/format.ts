/** Numbers for people, the same in the text and on the page. */

/** Milliseconds with about three digits: `0.42 ms`, `12.3 ms`, `1,250 ms`; `-` for what was not measured. */
export function milliseconds(ms: number | null | undefined): string {
  return measured(ms, (value) => `${digits(value)} ms`);
}

/** Percent: `0.05 %`, `12 %`. */
export function percent(value: number | null | undefined): string {
  return measured(value, (number) => `${digits(number)} %`);
}

/** Bytes in units of 1024: `512 B`, `1.25 MiB`. */
export function bytes(value: number | null | undefined): string {
  return measured(value, (number) => {
    let [size, unit] = [number, 0];
    while (size >= 1024 && unit < UNITS.length - 1) {
      size /= 1024;
      unit++;
    }
    return `${unit === 0 ? whole(size) : digits(size)} ${UNITS[unit]}`;
  });
}

/** A duration in seconds: `12.5 s`. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** A whole number with commas. */
export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** About three digits. */
export function digits(value: number): string {
  const size = Math.abs(value);
  if (size >= 100) return whole(value);
  return String(Number(value.toFixed(size >= 10 ? 1 : 2)));
}

function measured(value: number | null | undefined, text: (value: number) => string): string {
  return value === null || value === undefined ? '-' : text(value);
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
