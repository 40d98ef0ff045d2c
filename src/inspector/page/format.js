// Numbers and times as text.

const WHOLE = new Intl.NumberFormat('en');
const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const DAY = new Intl.DateTimeFormat('en-CA', { year: 'numeric', month: '2-digit', day: '2-digit' });

export function count(value) {
  return value === undefined || value === null ? '' : WHOLE.format(value);
}

export function bytes(value) {
  if (value === undefined || value === null) return '';
  if (value < 10_000) return `${count(Math.round(value))} B`;
  if (value < 10_000_000) return `${count(Math.round(value / 100) / 10)} kB`;
  if (value < 10_000_000_000) return `${count(Math.round(value / 100_000) / 10)} MB`;
  return `${count(Math.round(value / 100_000_000) / 10)} GB`;
}

export function duration(ms) {
  if (ms === undefined || ms === null) return '';
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

export function milliseconds(value, digits = 0) {
  return value === undefined || value === null ? '' : `${value.toFixed(digits)} ms`;
}

export function percent(share) {
  return share === undefined || share === null ? '' : `${(share * 100).toFixed(1)} %`;
}

/** The time of day of where the page is looked at, to the millisecond. */
export function clock(ms) {
  return `${CLOCK.format(ms)}.${String(Math.floor(ms) % 1000).padStart(3, '0')}`;
}

/** The time of day to the second. */
export function clockSeconds(ms) {
  return CLOCK.format(ms);
}

export function dateAndClock(ms) {
  return `${DAY.format(ms)} ${clock(ms)}`;
}

/** One thing, many things. */
export function plural(value, one, many = `${one}s`) {
  return `${count(value)} ${value === 1 ? one : many}`;
}
