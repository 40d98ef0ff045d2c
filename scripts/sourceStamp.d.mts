export function hashSources(root: string): Record<string, string>;
export function writeStamp(root: string, hashes: Record<string, string>): void;
export function whyStale(root: string): string | undefined;
