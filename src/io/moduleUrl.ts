/** Where a module is, also when a bundler has put it into a CommonJS file, which has no `import.meta`. */
import { pathToFileURL } from 'node:url';

/**
 * The address of a module, of its bundle when it is in one.
 *
 * @param metaUrl - `import.meta.url` of the module; bundlers make it `undefined` in CommonJS.
 */
export function moduleUrl(metaUrl: string | undefined): string {
  return metaUrl ?? pathToFileURL(__filename).href;
}
